import EspalierGraph
import EspalierSpec

/// Stochastic gradient descent, with momentum and Nesterov's variant.
///
/// Without momentum: w <- w - lr g. With momentum mu and dampening tau:
///
///     v <- mu v + (1 - tau) g        (v <- g in the first step)
///     w <- w - lr v                  (Nesterov: w - lr (g + mu v))
///
/// The learning rate stands outside of the velocity, as in PyTorch, so that a change of it takes effect at once.
///
/// Sources: Polyak 1964, "Some methods of speeding up the convergence of iteration methods"; Sutskever, Martens, Dahl
/// and Hinton 2013, "On the importance of initialization and momentum in deep learning".
public struct SGD: Optimizer {
    public var learningRate = 0.01
    public var momentum = 0.0
    public var nesterov = false
    public var dampening = 0.0

    public static let name = "sgd"
    public static let summary = "Stochastic gradient descent, with momentum and Nesterov's variant"
    public static let fields = [
        Field("learningRate", \Self.learningRate, "step size", in: .positive),
        Field("momentum", \Self.momentum, "share of the velocity that stays", in: 0..<1),
        Field("nesterov", \Self.nesterov, "whether the gradient is taken ahead of the velocity"),
        Field("dampening", \Self.dampening, "share of the gradient kept out of the velocity", in: 0..<1),
    ]

    public init() {}

    public init(learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false, dampening: Double = 0) {
        self.learningRate = learningRate
        self.momentum = momentum
        self.nesterov = nesterov
        self.dampening = dampening
    }

    public func validate() throws {
        if nesterov, momentum == 0 || dampening != 0 {
            throw EspalierError(
                "sgd: nesterov needs a momentum above 0 and no dampening",
                expected: "momentum above 0, dampening 0", fix: "sgd: {momentum: 0.9, nesterov: true}")
        }
    }

    public var slots: [String] { momentum == 0 ? [] : ["velocity"] }

    public func update(
        _ w: Tensor, gradient g: Tensor, slots: [Tensor], learningRate lr: Tensor, step t: Tensor
    ) -> (parameter: Tensor, slots: [Tensor]) {
        guard let previous = slots.first else { return (w - lr * g, []) }
        let share = dampening == 0 ? 1 : Tensor.select(t .== 1, 1, Tensor(1 - dampening))
        let v = momentum * previous + share * g
        return (w - lr * (nesterov ? g + momentum * v : v), [v])
    }
}
