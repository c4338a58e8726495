import EspalierGraph
import EspalierSpec

/// Adam's step with weight decay, scaled for each parameter to a share of the parameter's own size.
///
///     r = (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps) + lambda w      with Adam's m and v
///     w <- w - lr (|w| / |r|) r
///
/// |w| and |r| are the norms of a whole parameter: a layer's step is lr of the layer's size, whatever its gradients. The
/// trust ratio |w| / |r| is 1 where either is zero, so that what starts at zero can leave it. The paper scales every
/// parameter; other codes leave biases and normalisations out, which is `ratioOn: weights`.
///
/// Slots: `firstMoment`, `secondMoment`. Defaults: lambda and eps of the paper's code, Adam's betas. Use it for batches of
/// thousands of samples; in small ones it gains nothing over `AdamW`.
///
/// Source: You, Li, Reddi, Hseu, Kumar, Bhojanapalli, Song, Demmel, Keutzer and Hsieh 2020, "Large batch optimization for
/// deep learning: training BERT in 76 minutes", algorithm 2 with phi(z) = z. PyTorch has none.
public struct LAMB: Optimizer {
    public var learningRate = 0.001
    public var betas = [0.9, 0.999]
    public var eps = 1e-6
    /// lambda.
    public var weightDecay = 0.01
    /// Which parameters decay.
    public var on = WeightPenalty.Target.weights
    /// Which parameters' steps are scaled.
    public var ratioOn = WeightPenalty.Target.all
    public var biasCorrection = true
    /// Whether this is the rule of a parameter whose steps are scaled.
    private var isScaled = true

    public static let name = "lamb"
    public static let summary = "Adam with steps in proportion to each parameter's size"
    public static let fields: [Field<Self>] = [
        .learningRate("size of a step, as a share of the parameter's"), .betas(\Self.betas),
        .eps(\Self.eps, "added to the root of the second moment"),
        .weightDecay(\Self.weightDecay), .decaying(\Self.on),
        Field("ratioOn", \Self.ratioOn, "whose steps follow the parameter's size: weights, or all parameters"),
        .biasCorrection(\Self.biasCorrection),
    ]

    public init() {}

    public init(
        learningRate: Double = 0.001, betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-6,
        weightDecay: Double = 0.01, on: WeightPenalty.Target = .weights, ratioOn: WeightPenalty.Target = .all,
        biasCorrection: Bool = true
    ) {
        self.learningRate = learningRate
        self.betas = [betas.0, betas.1]
        self.eps = eps
        self.weightDecay = weightDecay
        self.on = on
        self.ratioOn = ratioOn
        self.biasCorrection = biasCorrection
    }

    public var slots: [String] { ["firstMoment", "secondMoment"] }

    public var isPerParameter: Bool { true }

    public func rule(for parameter: Parameter.Slot, decays: Bool) -> Self {
        var rule = self
        if !decays || !on.includes(parameter) { rule.weightDecay = 0 }
        rule.isScaled = ratioOn.includes(parameter)
        return rule
    }

    public func update(
        _ w: Tensor, gradient g: Tensor, slots: [Tensor], learningRate lr: Tensor, step t: Tensor
    ) -> (parameter: Tensor, slots: [Tensor]) {
        let beta1 = betas[0], beta2 = betas[1]
        let m = beta1 * slots[0] + (1 - beta1) * g
        let v = beta2 * slots[1] + (1 - beta2) * g.squared()
        let first = biasCorrection ? m / Tensor.biasCorrection(beta1, t) : m
        let second = biasCorrection ? v / Tensor.biasCorrection(beta2, t) : v
        let r = first / (second.sqrt() + eps) + weightDecay * w
        guard isScaled else { return (w - lr * r, [m, v]) }
        let size = w.norm(), step = r.norm()
        let trust = Tensor.select((size .> 0) .& (step .> 0), size / step, 1)
        return (w - (lr * trust) * r, [m, v])
    }
}
