import EspalierGraph
import EspalierSpec

/// Steps divided by the root of a running mean of squared gradients.
///
///     s <- alpha s + (1 - alpha) g^2
///     w <- w - lr g / (sqrt(s) + eps)
///
/// `centered`: by the root of the variance, s - m^2 with m <- alpha m + (1 - alpha) g. With momentum mu:
///
///     v <- mu v + g / (sqrt(s) + eps)
///     w <- w - lr v
///
/// As in PyTorch, eps stands outside of the root (`epsPlace: inside`: sqrt(s + eps), as in the books and TensorFlow), the
/// learning rate outside of the velocity (`rateInVelocity`: inside), and s, which starts at zero, is not corrected for that.
///
/// Slots: `meanSquare`; `mean` where centred; `velocity` where there is momentum. Defaults: PyTorch's; the lecture has
/// alpha = 0.9. Use it for recurrent networks and objectives that move; `Adam` does the same with a momentum and corrections.
///
/// Sources: Tieleman and Hinton 2012, "Lecture 6.5: RMSProp"; Graves 2013, "Generating sequences with recurrent neural
/// networks" (centred).
public struct RMSProp: Optimizer {
    public var learningRate = 0.01
    public var alpha = 0.99
    public var eps = 1e-8
    public var momentum = 0.0
    public var centered = false
    public var epsPlace = EpsilonPlace.outside
    public var rateInVelocity = false

    public static let name = "rmsProp"
    public static let summary = "Steps divided by the root of a running mean of squared gradients"
    public static let fields: [Field<Self>] = [
        .learningRate(),
        Field("alpha", \Self.alpha, "share of the mean square that stays", in: 0..<1),
        .eps(\Self.eps, "added to the root"), .momentum(\Self.momentum),
        Field("centered", \Self.centered, "whether the variance is taken instead of the mean square"),
        Field("epsPlace", \Self.epsPlace, "whether eps stands outside or inside of the root"),
        .rateInVelocity(\Self.rateInVelocity),
    ]

    public init() {}

    public init(
        learningRate: Double = 0.01, alpha: Double = 0.99, eps: Double = 1e-8, momentum: Double = 0,
        centered: Bool = false, epsPlace: EpsilonPlace = .outside, rateInVelocity: Bool = false
    ) {
        self.learningRate = learningRate
        self.alpha = alpha
        self.eps = eps
        self.momentum = momentum
        self.centered = centered
        self.epsPlace = epsPlace
        self.rateInVelocity = rateInVelocity
    }

    public var slots: [String] {
        ["meanSquare"] + (centered ? ["mean"] : []) + (momentum > 0 ? ["velocity"] : [])
    }

    public func update(
        _ w: Tensor, gradient g: Tensor, slots: [Tensor], learningRate lr: Tensor, step t: Tensor
    ) -> (parameter: Tensor, slots: [Tensor]) {
        let s = alpha * slots[0] + (1 - alpha) * g.squared()
        var kept = [s], square = s
        if centered {
            let m = alpha * slots[1] + (1 - alpha) * g
            kept.append(m)
            // A variance is not negative; the difference is, by rounding, where the gradient hardly changes.
            square = .maximum(s - m.squared(), 0)
        }
        let direction = g / epsPlace.root(square, eps)
        guard momentum > 0, let previous = slots.last else { return (w - lr * direction, kept) }
        let v = momentum * previous + (rateInVelocity ? lr * direction : direction)
        return (w - (rateInVelocity ? v : lr * v), kept + [v])
    }
}
