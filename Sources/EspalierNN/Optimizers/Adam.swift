import EspalierGraph
import EspalierSpec

/// Adaptive moment estimation: a step per parameter, scaled by the running size of its gradient.
///
///     m <- beta1 m + (1 - beta1) g
///     v <- beta2 v + (1 - beta2) g^2
///     w <- w - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)
///
/// The bias corrections 1 - beta^t make up for m and v starting at zero. eps stands outside of the root, as in the
/// paper and in PyTorch.
///
/// Source: Kingma and Ba 2015, "Adam: a method for stochastic optimization"; the defaults are the paper's.
public struct Adam: Optimizer {
    public var learningRate = 0.001
    public var betas = [0.9, 0.999]
    public var eps = 1e-8

    public static let name = "adam"
    public static let summary = "Adaptive moment estimation, with bias correction"
    public static let fields = [
        Field("learningRate", \Self.learningRate, "step size", in: .positive),
        Field(
            "betas", \Self.betas, "shares of the first and second moment that stay",
            accepting: "two numbers from 0 to below 1", where: { $0.count == 2 && $0.allSatisfy((0..<1).contains) }),
        Field("eps", \Self.eps, "added to the root of the second moment", in: .positive),
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
        let root = Tensor.biasCorrection(beta2, t).rsqrt()
        return (w - stepSize * (m / (v.sqrt() * root + eps)), [m, v])
    }
}

extension Tensor {
    /// 1 - beta^t as -expm1(t log beta): the difference of two nearly equal numbers would lose half of its digits.
    static func biasCorrection(_ beta: Double, _ t: Tensor) -> Tensor {
        beta == 0 ? 1 : -(t * logarithm(beta)).expm1()
    }
}
