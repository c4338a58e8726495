import EspalierGraph
import EspalierSpec

/// Adam with Nesterov's momentum, whose share grows during the first steps.
///
///     mu_t = beta1 (1 - 0.96^(psi t) / 2)
///     m <- beta1 m + (1 - beta1) g
///     v <- beta2 v + (1 - beta2) g^2
///     m' = mu_(t+1) m / (1 - mu_1 ... mu_(t+1)) + (1 - mu_t) g / (1 - mu_1 ... mu_t)
///     w <- w - lr m' / (sqrt(v / (1 - beta2^t)) + eps)
///
/// As in PyTorch, m runs on beta1 and not on mu_t, and eps stands outside of the root.
///
/// Slots: `firstMoment`, `secondMoment`, and one scalar, `correction`, which is 1 - mu_1 ... mu_t. Defaults: PyTorch's
/// (psi = 0.004). Use it as `Adam`, where momentum helps; with very noisy gradients it gains nothing.
///
/// Source: Dozat 2016, "Incorporating Nesterov momentum into Adam".
public struct NAdam: Optimizer {
    public var learningRate = 0.002
    public var betas = [0.9, 0.999]
    public var eps = 1e-8
    /// psi.
    public var momentumDecay = 0.004

    public static let name = "nAdam"
    public static let summary = "Adam with Nesterov's momentum"
    public static let fields: [Field<Self>] = [
        .learningRate(), .betas(\Self.betas), .eps(\Self.eps, "added to the root of the second moment"),
        Field("momentumDecay", \Self.momentumDecay, "how fast the momentum grows to its full share", in: 0...),
    ]

    public init() {}

    public init(
        learningRate: Double = 0.002, betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8,
        momentumDecay: Double = 0.004
    ) {
        self.learningRate = learningRate
        self.betas = [betas.0, betas.1]
        self.eps = eps
        self.momentumDecay = momentumDecay
    }

    public var slots: [String] { ["firstMoment", "secondMoment", "correction"] }

    public func slotShapes(for shape: Shape) -> [Shape] { [shape, shape, []] }

    public func update(
        _ w: Tensor, gradient g: Tensor, slots: [Tensor], learningRate lr: Tensor, step t: Tensor
    ) -> (parameter: Tensor, slots: [Tensor]) {
        let beta1 = betas[0], beta2 = betas[1]
        func momentum(_ t: Tensor) -> Tensor { beta1 * (1 - 0.5 * (t * (momentumDecay * logarithm(0.96))).exp()) }
        // 1 - P mu = (1 - P) mu + (1 - mu): the correction is carried on without a difference of near numbers.
        let mu = momentum(t), next = momentum(t + 1)
        let correction = slots[2] * mu + (1 - mu), nextCorrection = correction * next + (1 - next)
        let m = beta1 * slots[0] + (1 - beta1) * g
        let v = beta2 * slots[1] + (1 - beta2) * g.squared()
        let lookAhead = (lr * next / nextCorrection) * m + (lr * (1 - mu) / correction) * g
        let root = Tensor.biasCorrection(beta2, t).rsqrt()
        return (w - lookAhead / (v.sqrt() * root + eps), [m, v, correction])
    }
}
