import EspalierGraph
import EspalierSpec

/// Stochastic gradient descent with Nesterov's momentum: `SGD` under the name of the method, with its usual setting.
///
///     v <- mu v + g
///     w <- w - lr (g + mu v)
///
/// With `rateInVelocity`: v <- mu v + lr g and w <- w - (lr g + mu v). Why w is the point ahead, see `SGD`. From 1 on
/// f = x^2 / 2 at lr = 0.1 and mu = 0.9 the first step leads to 1 - 0.1 (1 + 0.9) = 0.81.
///
/// Slots: `velocity`. Defaults: PyTorch's, and mu = 0.9. Use it as `Momentum`, of which it damps the overshooting; its
/// advantage is proved for exact gradients and fades as they become noisy.
///
/// Sources: Nesterov 1983, "A method for solving the convex programming problem with convergence rate O(1/k^2)";
/// Sutskever, Martens, Dahl and Hinton 2013, "On the importance of initialization and momentum in deep learning".
public struct Nesterov: Optimizer {
    public var learningRate = 0.001
    public var momentum = 0.9
    public var rateInVelocity = false

    public static let name = "nesterov"
    public static let summary = "Momentum with the gradient of the point ahead"
    public static let fields: [Field<Self>] = [
        .learningRate(), .momentum(\Self.momentum), .rateInVelocity(\Self.rateInVelocity),
    ]

    public init() {}

    public init(learningRate: Double = 0.001, momentum: Double = 0.9, rateInVelocity: Bool = false) {
        self.learningRate = learningRate
        self.momentum = momentum
        self.rateInVelocity = rateInVelocity
    }

    private var descent: SGD {
        SGD(learningRate: learningRate, momentum: momentum, nesterov: true, rateInVelocity: rateInVelocity)
    }

    public var slots: [String] { descent.slots }

    public func stableCurvature(learningRate: Double) -> Double? { descent.stableCurvature(learningRate: learningRate) }

    public func update(
        _ w: Tensor, gradient g: Tensor, slots: [Tensor], learningRate lr: Tensor, step t: Tensor
    ) -> (parameter: Tensor, slots: [Tensor]) {
        descent.update(w, gradient: g, slots: slots, learningRate: lr, step: t)
    }
}
