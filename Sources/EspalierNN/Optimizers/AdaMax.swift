import EspalierGraph
import EspalierSpec

/// Adam with the largest gradient, slowly forgotten, in place of the root of the second moment.
///
///     m <- beta1 m + (1 - beta1) g
///     u <- max(beta2 u, |g| + eps)
///     w <- w - lr / (1 - beta1^t) m / u
///
/// u needs no bias correction. eps stands within the maximum, as in PyTorch; the paper has none, and divides by zero where
/// there never was a gradient.
///
/// Slots: `firstMoment`, `largest`. Defaults: PyTorch's, which are the paper's. Use it as `Adam` where single huge gradients
/// occur: they shorten the steps after them at once; where they are frequent they hold all steps back.
///
/// Source: Kingma and Ba 2015, "Adam: a method for stochastic optimization", section 7.1.
public struct AdaMax: Optimizer {
    public var learningRate = 0.002
    public var betas = [0.9, 0.999]
    public var eps = 1e-8

    public static let name = "adaMax"
    public static let summary = "Adam by the largest gradient instead of the root of the second moment"
    public static let fields: [Field<Self>] = [
        .learningRate(), .betas(\Self.betas, "shares of the first moment and of the largest gradient that stay"),
        .eps(\Self.eps, "added to the size of a gradient"),
    ]

    public init() {}

    public init(learningRate: Double = 0.002, betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8) {
        self.learningRate = learningRate
        self.betas = [betas.0, betas.1]
        self.eps = eps
    }

    public var slots: [String] { ["firstMoment", "largest"] }

    public func update(
        _ w: Tensor, gradient g: Tensor, slots: [Tensor], learningRate lr: Tensor, step t: Tensor
    ) -> (parameter: Tensor, slots: [Tensor]) {
        let m = betas[0] * slots[0] + (1 - betas[0]) * g
        let u = Tensor.maximum(betas[1] * slots[1], g.abs() + eps)
        return (w - lr / Tensor.biasCorrection(betas[0], t) * (m / u), [m, u])
    }
}
