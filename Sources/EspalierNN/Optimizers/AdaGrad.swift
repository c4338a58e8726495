import EspalierGraph
import EspalierSpec

/// Adaptive gradients: each parameter's step shrinks by the root of all its squared gradients so far.
///
///     s <- s + g^2                                            (s starts at s_0)
///     w <- w - lr / (1 + (t - 1) decay) g / (sqrt(s) + eps)
///
/// A large gradient makes s larger, and with it the step smaller. eps stands outside of the root, as in PyTorch and in the
/// paper; with `epsPlace: inside` the step is divided by sqrt(s + eps).
///
/// Slots: `sum`. Defaults: PyTorch's. Use it for sparse features, whose rare gradients keep their size; not for long
/// trainings of deep networks, since s only grows and learning comes to a halt.
///
/// Source: Duchi, Hazan and Singer 2011, "Adaptive subgradient methods for online learning and stochastic optimization".
public struct AdaGrad: Optimizer {
    public var learningRate = 0.01
    /// decay.
    public var learningRateDecay = 0.0
    /// s_0.
    public var initialSum = 0.0
    public var eps = 1e-10
    public var epsPlace = EpsilonPlace.outside

    public static let name = "adaGrad"
    public static let summary = "Steps divided by the root of the sum of all squared gradients"
    public static let fields: [Field<Self>] = [
        .learningRate(),
        Field(
            "learningRateDecay", \Self.learningRateDecay, "the step size is divided by 1 + this times the steps taken",
            in: 0...),
        Field("initialSum", \Self.initialSum, "the sum of squares before the first step", in: 0...),
        .eps(\Self.eps, "added to the root of the sum"),
        Field("epsPlace", \Self.epsPlace, "whether eps stands outside or inside of the root"),
    ]

    public init() {}

    public init(
        learningRate: Double = 0.01, learningRateDecay: Double = 0, initialSum: Double = 0, eps: Double = 1e-10,
        epsPlace: EpsilonPlace = .outside
    ) {
        self.learningRate = learningRate
        self.learningRateDecay = learningRateDecay
        self.initialSum = initialSum
        self.eps = eps
        self.epsPlace = epsPlace
    }

    /// Without s_0, which is added where it is needed.
    public var slots: [String] { ["sum"] }

    public func update(
        _ w: Tensor, gradient g: Tensor, slots: [Tensor], learningRate lr: Tensor, step t: Tensor
    ) -> (parameter: Tensor, slots: [Tensor]) {
        let s = slots[0] + g.squared()
        let rate = lr / (1 + (t - 1) * learningRateDecay)
        return (w - rate * (g / epsPlace.root(s + initialSum, eps)), [s])
    }
}
