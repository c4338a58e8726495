import EspalierGraph
import EspalierSpec

/// Steps in the parameter's own unit: the running size of past steps over that of past gradients.
///
///     s <- rho s + (1 - rho) g^2
///     d = sqrt(u + eps) / sqrt(s + eps) g
///     u <- rho u + (1 - rho) d^2
///     w <- w - lr d
///
/// eps stands inside of both roots, in the paper as in PyTorch: without it no first step would be taken, as u starts at
/// zero. The paper has no learning rate, which is lr = 1.
///
/// Slots: `meanSquare`, `meanSquareStep`. Defaults: PyTorch's (the paper tried rho = 0.95). Use it where no rate is known; its
/// first steps are of size sqrt(eps), so it starts slowly.
///
/// Source: Zeiler 2012, "ADADELTA: an adaptive learning rate method".
public struct AdaDelta: Optimizer {
    public var learningRate = 1.0
    public var rho = 0.9
    public var eps = 1e-6

    public static let name = "adaDelta"
    public static let summary = "Steps scaled by the running size of past steps over that of gradients"
    public static let fields: [Field<Self>] = [
        .learningRate("factor on the steps; 1 in the paper"),
        Field("rho", \Self.rho, "share of the mean squares that stays", in: 0..<1),
        .eps(\Self.eps, "added to the mean squares, within the roots"),
    ]

    public init() {}

    public init(learningRate: Double = 1, rho: Double = 0.9, eps: Double = 1e-6) {
        self.learningRate = learningRate
        self.rho = rho
        self.eps = eps
    }

    public var slots: [String] { ["meanSquare", "meanSquareStep"] }

    public func update(
        _ w: Tensor, gradient g: Tensor, slots: [Tensor], learningRate lr: Tensor, step t: Tensor
    ) -> (parameter: Tensor, slots: [Tensor]) {
        let s = rho * slots[0] + (1 - rho) * g.squared()
        let d = (slots[1] + eps).sqrt() / (s + eps).sqrt() * g
        let u = rho * slots[1] + (1 - rho) * d.squared()
        return (w - lr * d, [s, u])
    }
}
