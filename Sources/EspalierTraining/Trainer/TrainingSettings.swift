import EspalierSpec

/// How long and in what pieces to train: `training:` in a configuration.
public struct TrainingSettings: Specification {
    public var epochs = 30
    public var batchSize = 64
    public var seed = 0
    public var evaluateEvery = EvaluationInterval.epoch
    public var dropLast = false
    public var nonFinite = NonFinitePolicy.stop
    public var nonFiniteLimit = 10
    public var rollBackFactor = 0.5

    public static let name = "training"
    public static let summary = "How long and in what pieces to train"
    public static let fields = [
        Field("epochs", \Self.epochs, "passes over the training data", in: 1...1_000_000_000),
        Field("batchSize", \Self.batchSize, "samples per step", in: 1...),
        Field("seed", \Self.seed, "what every random draw of the run follows from", in: 0...),
        Field("evaluateEvery", \Self.evaluateEvery, "how often the validation data is evaluated"),
        Field("dropLast", \Self.dropLast, "whether a last batch of fewer samples is left out"),
        Field("nonFinite", \Self.nonFinite, "what follows a step with a number that is not finite"),
        Field(
            "nonFiniteLimit", \Self.nonFiniteLimit, "steps skipped in a row, or roll-backs, before the training ends",
            in: 1...),
        Field(
            "rollBackFactor", \Self.rollBackFactor, "times the learning rate at each roll-back",
            accepting: "a number above 0 and below 1", where: { $0 > 0 && $0 < 1 }),
    ]

    public init() {}

    public init(
        epochs: Int = 30, batchSize: Int = 64, seed: Int = 0, evaluateEvery: EvaluationInterval = .epoch,
        dropLast: Bool = false, nonFinite: NonFinitePolicy = .stop, nonFiniteLimit: Int = 10,
        rollBackFactor: Double = 0.5
    ) {
        self.nonFinite = nonFinite
        self.nonFiniteLimit = nonFiniteLimit
        self.rollBackFactor = rollBackFactor
        self.epochs = epochs
        self.batchSize = batchSize
        self.seed = seed
        self.evaluateEvery = evaluateEvery
        self.dropLast = dropLast
    }
}

/// What follows a step in which the loss, a gradient, or a new value is not finite.
///
/// Where loss, gradients or statistics are not, the step changes nothing. What an update itself makes of finite numbers is
/// seen once it is stored: then the weights from before the epoch, or the best, come back.
public enum NonFinitePolicy: String, CaseIterable, ConfigurationRepresentable {
    /// The training ends, and keeps the best weights so far.
    case stop
    /// The step is left out and counted; what an update itself has made not finite ends the training.
    case skip
    /// The training goes back to the begin of the last complete epoch, with a smaller learning rate.
    case rollBack
}

/// How often the validation data is evaluated; that ends a step's or an epoch's work, and counts for early stopping and for
/// schedules that follow the loss.
public enum EvaluationInterval: Sendable, Hashable {
    /// At the end of every epoch.
    case epoch
    /// After every so many steps, and at the end of the last epoch.
    case steps(Int)
}

extension EvaluationInterval: ConfigurationRepresentable {
    public static let accepted = "epoch, or a number of steps of at least 1"

    public init(configuration node: ConfigurationNode) throws {
        switch node.content {
        case .string("epoch"): self = .epoch
        case .integer(let steps) where steps > 0: self = .steps(steps)
        default: throw node.mismatch(expected: Self.accepted, fix: "evaluateEvery: 500")
        }
    }

    public var configuration: ConfigurationValue {
        switch self {
        case .epoch: .string("epoch")
        case .steps(let steps): .integer(steps)
        }
    }
}
