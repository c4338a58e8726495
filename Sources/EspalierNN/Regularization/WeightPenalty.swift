import EspalierGraph
import EspalierSpec

/// What keeps parameters small: penalties, decay and constraints; `regularization:` in a configuration.
///
/// | setting | what it does in a step of learning rate lr |
/// | --- | --- |
/// | `l1` | adds lambda sign(w) to the gradient; proximal: w <- sign(w) max(\|w\| - lr lambda, 0) after the update |
/// | `l2` | adds lambda w to the gradient, that of the penalty (lambda / 2) sum w^2 |
/// | `weightDecay` | w <- w - lr lambda w before the update |
/// | `nonNegative` | w <- max(w, 0) after the update |
/// | `maxNorm` | scales each neuron's incoming weights whose norm is above r to norm r, after the update |
/// | `unitNorm` | scales each neuron's incoming weights to norm 1, after the update |
///
/// `l1` and `l2` together are the elastic net. What is added to the gradient enters the optimiser's moments; under
/// adaptive optimisers `l2` is therefore not weight decay: a weight with large gradients shrinks by less. Decay is the
/// same for every weight. All are off by default, and fall on weights alone: biases and normalisations stay free.
///
/// Use `weightDecay` with adaptive optimisers; either of the two with plain descent, where they are the same. Proximal
/// `l1` is for weights that can be left out; the subgradient leaves them near zero. `maxNorm` goes with dropout and high
/// learning rates (r of 2 to 4). `unitNorm` and `maxNorm` leave a bias as it is, which is no vector of weights.
///
/// Sources: Krogh and Hertz 1991, "A simple weight decay can improve generalization"; Loshchilov and Hutter 2019,
/// "Decoupled weight decay regularization"; Tibshirani 1996 (L1); Zou and Hastie 2005 (elastic net); Duchi and Singer
/// 2009, "Efficient online and batch learning using forward backward splitting" (proximal); Srebro, Rennie and Jaakkola
/// 2004, and Srivastava and others 2014 (maximum norm).
public struct WeightPenalty: Specification {
    public var l1 = L1Penalty()
    public var l2 = 0.0
    public var weightDecay = 0.0
    public var maxNorm: Double?
    public var unitNorm = false
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
