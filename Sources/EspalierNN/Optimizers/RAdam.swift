import EspalierGraph
import EspalierSpec

/// Adam that does not divide by the second moment before that rests on enough gradients.
///
///     rho_inf = 2 / (1 - beta2) - 1
///     rho_t   = rho_inf - 2 t beta2^t / (1 - beta2^t)
///     r_t     = sqrt((rho_t - 4) (rho_t - 2) rho_inf / ((rho_inf - 4) (rho_inf - 2) rho_t))
///     w <- w - lr (m / (1 - beta1^t)) r_t sqrt(1 - beta2^t) / (sqrt(v) + eps)      where rho_t > 5
///     w <- w - lr (m / (1 - beta1^t))                                              before
///
/// with Adam's m and v. rho_t is how many gradients v is worth, and r_t what its variance leaves of a step: a warm-up that
/// follows from beta2 (with 0.999, the first five steps are of momentum alone). The bound 5 and eps's place beside the
/// uncorrected root are PyTorch's; the paper has 4.
///
/// Slots: `firstMoment`, `secondMoment`. Defaults: PyTorch's. Use it in place of Adam with a hand-made warm-up; mind that the
/// first steps are as large as the gradients.
///
/// Source: Liu, Jiang, He, Chen, Liu, Gao and Han 2020, "On the variance of the adaptive learning rate and beyond".
public struct RAdam: Optimizer {
    public var learningRate = 0.001
    public var betas = [0.9, 0.999]
    public var eps = 1e-8

    public static let name = "rAdam"
    public static let summary = "Adam that waits until its second moment can be relied on"
    public static let fields: [Field<Self>] = [
        .learningRate(), .betas(\Self.betas), .eps(\Self.eps, "added to the root of the second moment"),
    ]

    public init() {}

    public init(learningRate: Double = 0.001, betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8) {
        self.learningRate = learningRate
        self.betas = [betas.0, betas.1]
        self.eps = eps
    }

    public var slots: [String] { ["firstMoment", "secondMoment"] }

    public func update(
        _ w: Tensor, gradient g: Tensor, slots: [Tensor], learningRate lr: Tensor, step t: Tensor
    ) -> (parameter: Tensor, slots: [Tensor]) {
        let beta1 = betas[0], beta2 = betas[1]
        let m = beta1 * slots[0] + (1 - beta1) * g
        let v = beta2 * slots[1] + (1 - beta2) * g.squared()
        let stepSize = lr / Tensor.biasCorrection(beta1, t)
        let longest = 2 / (1 - beta2) - 1
        // Below this no number of gradients is enough, and the formulas that follow would divide by zero.
        guard longest > 5 else { return (w - stepSize * m, [m, v]) }
        let correction = Tensor.biasCorrection(beta2, t)
        let length = longest - 2 * t * (1 - correction) / correction
        let rectification =
            ((length - 4) * (length - 2) / length * (longest / ((longest - 4) * (longest - 2)))).sqrt()
        let scale = rectification * correction.sqrt() / (v.sqrt() + eps)
        return (w - stepSize * m * .select(length .> 5, scale, 1), [m, v])
    }
}
