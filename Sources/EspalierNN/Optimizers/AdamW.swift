import EspalierGraph
import EspalierSpec

/// Adam with decoupled weight decay: before each of Adam's steps the weights shrink by their own share.
///
///     w <- w - lr lambda w
///     w <- w - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)      with Adam's m and v
///
/// The decay does not enter the moments, so that it is the same for every weight: `Adam` with coupled L2 of lambda adds
/// lambda w to g, and divides it by the root of v with the rest.
///
/// Slots and other forms as of `Adam`. Use it wherever weights are to decay, for transformers above all.
///
/// Source: Loshchilov and Hutter 2019, "Decoupled weight decay regularization"; the defaults are PyTorch's, but that
/// biases and the scales of normalisations decay only with `on: all`.
public struct AdamW: Optimizer {
    public var learningRate = 0.001
    public var betas = [0.9, 0.999]
    public var eps = 1e-8
    /// lambda.
    public var weightDecay = 0.01
    /// Which parameters decay.
    public var on = WeightPenalty.Target.weights
    public var epsPlace = Adam.EpsilonPlace.outside
    public var biasCorrection = true
    public var amsgrad = false

    public static let name = "adamW"
    public static let summary = "Adam with decoupled weight decay"
    public static let fields: [Field<Self>] = [
        .learningRate(), .betas(\Self.betas), .eps(\Self.eps, "added to the root of the second moment"),
        .weightDecay(\Self.weightDecay), .decaying(\Self.on), .adamEpsPlace(\Self.epsPlace),
        .biasCorrection(\Self.biasCorrection), .amsgrad(\Self.amsgrad),
    ]

    public init() {}

    public init(
        learningRate: Double = 0.001, betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8,
        weightDecay: Double = 0.01, on: WeightPenalty.Target = .weights, epsPlace: Adam.EpsilonPlace = .outside,
        biasCorrection: Bool = true, amsgrad: Bool = false
    ) {
        self.learningRate = learningRate
        self.betas = [betas.0, betas.1]
        self.eps = eps
        self.weightDecay = weightDecay
        self.on = on
        self.epsPlace = epsPlace
        self.biasCorrection = biasCorrection
        self.amsgrad = amsgrad
    }

    private var adam: Adam {
        Adam(
            learningRate: learningRate, betas: (betas[0], betas[1]), eps: eps, epsPlace: epsPlace,
            biasCorrection: biasCorrection, amsgrad: amsgrad)
    }

    public var slots: [String] { adam.slots }

    public func decays(_ parameter: Parameter.Slot) -> Bool { weightDecay > 0 && on.includes(parameter) }

    public func decayed(_ w: Tensor, learningRate lr: Tensor) -> Tensor { w - (lr * weightDecay) * w }

    public func update(
        _ w: Tensor, gradient g: Tensor, slots: [Tensor], learningRate lr: Tensor, step t: Tensor
    ) -> (parameter: Tensor, slots: [Tensor]) {
        adam.update(w, gradient: g, slots: slots, learningRate: lr, step: t)
    }
}
