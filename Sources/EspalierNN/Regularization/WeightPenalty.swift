import EspalierGraph
import EspalierSpec

/// What keeps parameters small: penalties, decay and constraints; `regularization:` in a configuration.
///
/// What each does in a step of learning rate lr is said at its setting. What is added to the gradient enters the
/// optimiser's moments; decay does not. All are off by default, and fall on weights alone: biases and normalisations
/// stay free, and the norms of constraints are those of a neuron's weights without its bias.
public struct WeightPenalty: Specification {
    /// Adds lambda sign(w) to the gradient, that of the penalty lambda sum |w|.
    ///
    /// With `proximal` it is w <- sign(w) max(|w| - lr lambda, 0) after the update instead.
    ///
    /// The subgradient costs as little as that of `l2` and leaves weights near zero; only the proximal step makes them exactly
    /// zero, and their number is reported. With `l2` this is the elastic net, which has a strength for each.
    ///
    /// Use it, proximal, for weights that are to be left out; not where many inputs say the same, of which it keeps one by chance:
    /// add `l2` there.
    ///
    /// Sources: Tibshirani 1996, "Regression shrinkage and selection via the lasso"; Zou and Hastie 2005, "Regularization and
    /// variable selection via the elastic net"; Duchi and Singer 2009, "Efficient online and batch learning using forward
    /// backward splitting" (proximal).
    public var l1 = L1Penalty()
    /// Adds lambda w to the gradient, that of the penalty (lambda / 2) sum w^2.
    ///
    /// The sum enters the optimiser's moments: under adaptive optimisers this is not weight decay, as a weight with large
    /// gradients shrinks by less.
    ///
    /// Use it with plain descent and momentum; not with Adam and its relatives, for which `weightDecay` is.
    ///
    /// Source: Krogh and Hertz 1991, "A simple weight decay can improve generalization".
    public var l2 = 0.0
    /// w <- w - lr lambda w before the update.
    ///
    /// Every weight shrinks by the same share, whatever its gradients were. Under plain descent it is the same as `l2`.
    ///
    /// Use it with adaptive optimisers; not beside an optimiser with a decay of its own, such as `adamW`: both would act.
    ///
    /// Source: Loshchilov and Hutter 2019, "Decoupled weight decay regularization".
    public var weightDecay = 0.0
    /// Scales each neuron's incoming weights whose norm is above r to norm r, after the update.
    ///
    /// w <- w min(1, r / ||w||), so that others stay as they are.
    ///
    /// Use it with dropout and high learning rates, r from 2 to 4; not before a normalisation, which takes the norm away again.
    ///
    /// Sources: Srebro, Rennie and Jaakkola 2004, "Maximum-margin matrix factorization"; Srivastava, Hinton, Krizhevsky,
    /// Sutskever and Salakhutdinov 2014, "Dropout: a simple way to prevent neural networks from overfitting".
    public var maxNorm: Double?
    /// Scales each neuron's incoming weights to norm 1, after the update: w <- w / ||w||.
    ///
    /// Use it where only directions are to be learned, as for embeddings that are compared by angle; not in a last layer, whose
    /// outputs it bounds.
    public var unitNorm = false
    /// w <- max(w, 0) after the update.
    ///
    /// Use it where parts may only add up, as in factors that are to be read, or for outputs that may not fall as an input rises;
    /// not in deep networks in general, which need both signs.
    public var nonNegative = false
    public var on = Target.weights

    /// Which parameters a penalty falls on.
    public enum Target: String, CaseIterable, ConfigurationRepresentable, Hashable {
        /// Weights alone: biases and the scales of normalisations stay free.
        case weights
        case all

        /// Whether `parameter` is one of them.
        func includes(_ parameter: Parameter.Slot) -> Bool { self == .all || parameter.role == .weight }
    }

    public static let name = "regularization"
    public static let summary = "Penalties on the size of parameters"
    public static let fields = [
        Field("l1", \Self.l1, "strength of the penalty l1 sum |w|; proximal: with exact zeros"),
        Field("l2", \Self.l2, "strength of the coupled penalty (l2 / 2) sum w^2", in: 0...),
        Field(
            "weightDecay", \Self.weightDecay, "share of a weight, times the learning rate, that a step takes away",
            in: 0...),
        Field("maxNorm", \Self.maxNorm, "largest norm of a neuron's incoming weights; null for any", in: .positive),
        Field("unitNorm", \Self.unitNorm, "whether each neuron's incoming weights are scaled to norm 1"),
        Field("nonNegative", \Self.nonNegative, "whether weights below zero are set to zero"),
        Field("on", \Self.on, "weights, or all parameters"),
    ]
    /// The settings that limit weights instead of pulling at them.
    public static let constraints: Set = ["maxNorm", "unitNorm", "nonNegative"]

    public init() {}

    public init(
        l1: L1Penalty = L1Penalty(), l2: Double = 0, weightDecay: Double = 0, maxNorm: Double? = nil,
        unitNorm: Bool = false, nonNegative: Bool = false, on: Target = .weights
    ) {
        self.l1 = l1
        self.l2 = l2
        self.weightDecay = weightDecay
        self.maxNorm = maxNorm
        self.unitNorm = unitNorm
        self.nonNegative = nonNegative
        self.on = on
    }

    public func validate() throws {
        guard maxNorm != nil, unitNorm else { return }
        throw EspalierError(
            "regularization: unitNorm and maxNorm exclude each other", expected: "one of the two",
            fix: "maxNorm: null, or unitNorm: false")
    }

    /// The constraints without the penalties.
    public var withoutPenalties: WeightPenalty {
        WeightPenalty(maxNorm: maxNorm, unitNorm: unitNorm, nonNegative: nonNegative, on: on)
    }

    /// Whether anything is done to `parameter`.
    public func applies(to parameter: Parameter.Slot) -> Bool {
        (l1.strength > 0 || l2 > 0 || weightDecay > 0 || nonNegative || limitsNorms) && on.includes(parameter)
    }

    /// The gradient of loss and penalties.
    public func gradient(_ gradient: Tensor, of parameter: Tensor) -> Tensor {
        let ridge = l2 == 0 ? gradient : gradient + l2 * parameter
        return l1.strength == 0 || l1.isProximal ? ridge : ridge + l1.strength * parameter.sign()
    }

    /// The values w after decoupled decay, before a step at learning rate `lr`.
    public func decayed(_ w: Tensor, learningRate lr: Tensor) -> Tensor {
        weightDecay == 0 ? w : w - (lr * weightDecay) * w
    }
}
