import EspalierGraph
import EspalierSpec

/// Stochastic gradient descent, with momentum and Nesterov's variant.
///
/// Without momentum: w <- w - lr g. With momentum mu and dampening tau:
///
///     v <- mu v + (1 - tau) g        (v <- g in the first step)
///     w <- w - lr v                  (Nesterov: w - lr (g + mu v))
///
/// The learning rate stands outside of the velocity, as in PyTorch, so that a change of it takes effect at once. With
/// `rateInVelocity` it stands inside, as in the papers and most books: v <- mu v + (1 - tau) lr g and w <- w - v
/// (Nesterov: w - (lr g + mu v)). While the rate stays as it is both take the same steps.
///
/// Nesterov's gradient is that of the point ahead, theta + mu v. Here w is that point itself, as in Bengio et al., so
/// that the loss and the gradient are those of the parameters one sees. The velocity in the step is the new one; a
/// code in which it was updated before, and which then adds mu^2 v, takes it twice.
///
/// Slots: `velocity`, where there is momentum. Defaults: PyTorch's. Use it for networks of images, where with momentum and
/// a schedule it generalises best; not where gradients differ in size by orders from one parameter to the next.
///
/// Sources: Polyak 1964, "Some methods of speeding up the convergence of iteration methods"; Sutskever, Martens, Dahl
/// and Hinton 2013, "On the importance of initialization and momentum in deep learning"; Bengio,
/// Boulanger-Lewandowski and Pascanu 2013, "Advances in optimizing recurrent networks".
public struct SGD: Optimizer {
    public var learningRate = 0.001
    public var momentum = 0.0
    public var nesterov = false
    public var dampening = 0.0
    public var rateInVelocity = false

    public static let name = "sgd"
    public static let summary = "Stochastic gradient descent, with momentum and Nesterov's variant"
    public static let fields: [Field<Self>] = [
        .learningRate(), .momentum(\Self.momentum),
        Field("nesterov", \Self.nesterov, "whether the gradient is taken ahead of the velocity"),
        .dampening(\Self.dampening), .rateInVelocity(\Self.rateInVelocity),
    ]

    public init() {}

    public init(
        learningRate: Double = 0.001, momentum: Double = 0, nesterov: Bool = false, dampening: Double = 0,
        rateInVelocity: Bool = false
    ) {
        self.learningRate = learningRate
        self.momentum = momentum
        self.nesterov = nesterov
        self.dampening = dampening
        self.rateInVelocity = rateInVelocity
    }

    /// - Throws: `EspalierError` for Nesterov's variant without momentum or with dampening.
    public func validate() throws {
        if nesterov, momentum == 0 || dampening != 0 {
            throw EspalierError(
                "sgd: nesterov needs a momentum above 0 and no dampening",
                expected: "momentum above 0, dampening 0", fix: "sgd: {momentum: 0.9, nesterov: true}")
        }
    }

    /// 2 / lr; with momentum mu and dampening tau 2 (1 + mu) / (lr (1 - tau)), of Nesterov's variant
    /// 2 (1 + mu) / (lr (1 + 2 mu)).
    public func stableCurvature(learningRate: Double) -> Double? {
        let slope = nesterov ? 1 + 2 * momentum : momentum == 0 ? 1 : 1 - dampening
        return 2 * (1 + momentum) / (learningRate * slope)
    }

    public var slots: [String] { momentum == 0 ? [] : ["velocity"] }

    public func update(
        _ w: Tensor, gradient g: Tensor, slots: [Tensor], learningRate lr: Tensor, step t: Tensor
    ) -> (parameter: Tensor, slots: [Tensor]) {
        guard let previous = slots.first else { return (w - lr * g, []) }
        let share = dampening == 0 ? 1 : Tensor.select(t .== 1, 1, Tensor(1 - dampening))
        let change = rateInVelocity ? lr * g : g
        let v = momentum * previous + share * change
        let move = nesterov ? change + momentum * v : v
        return (w - (rateInVelocity ? move : lr * move), [v])
    }
}

extension Field where Owner: Optimizer {
    static func momentum(
        _ path: WritableKeyPath<Owner, Double> & Sendable, _ summary: String = "share of the velocity that stays"
    ) -> Self {
        Field("momentum", path, summary, in: 0..<1)
    }

    static func dampening(_ path: WritableKeyPath<Owner, Double> & Sendable) -> Self {
        Field("dampening", path, "share of the gradient kept out of the velocity", in: 0..<1)
    }

    static func rateInVelocity(_ path: WritableKeyPath<Owner, Bool> & Sendable) -> Self {
        Field(
            "rateInVelocity", path,
            "whether the step size enters the velocity, as in most books, instead of multiplying it")
    }
}
