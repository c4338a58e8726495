import EspalierGraph
import EspalierSpec

/// Stochastic gradient descent with Polyak's momentum: `SGD` under the name of the method, with its usual setting.
///
///     v <- mu v + (1 - tau) g        (v <- g in the first step)
///     w <- w - lr v
///
/// With `rateInVelocity`: v <- mu v + (1 - tau) lr g and w <- w - v. Slots: `velocity`. Defaults: PyTorch's, and the mu = 0.9
/// of nearly every book. Use it wherever plain descent zigzags; at the same rate its steps are up to 1 / (1 - mu) times
/// as long.
///
/// Source: Polyak 1964, "Some methods of speeding up the convergence of iteration methods".
public struct Momentum: Optimizer {
    public var learningRate = 0.001
    public var momentum = 0.9
    public var dampening = 0.0
    public var rateInVelocity = false

    public static let name = "momentum"
    public static let summary = "Stochastic gradient descent with a velocity"
    public static let fields: [Field<Self>] = [
        .learningRate(), .momentum(\Self.momentum), .dampening(\Self.dampening), .rateInVelocity(\Self.rateInVelocity),
    ]

    public init() {}

    public init(
        learningRate: Double = 0.001, momentum: Double = 0.9, dampening: Double = 0, rateInVelocity: Bool = false
    ) {
        self.learningRate = learningRate
        self.momentum = momentum
        self.dampening = dampening
        self.rateInVelocity = rateInVelocity
    }

    private var descent: SGD {
        SGD(
            learningRate: learningRate, momentum: momentum, dampening: dampening, rateInVelocity: rateInVelocity)
    }

    public var slots: [String] { descent.slots }

    public func stableCurvature(learningRate: Double) -> Double? { descent.stableCurvature(learningRate: learningRate) }

    public func update(
        _ w: Tensor, gradient g: Tensor, slots: [Tensor], learningRate lr: Tensor, step t: Tensor
    ) -> (parameter: Tensor, slots: [Tensor]) {
        descent.update(w, gradient: g, slots: slots, learningRate: lr, step: t)
    }
}
