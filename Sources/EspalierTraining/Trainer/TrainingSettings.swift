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
        epochs: Int = 30, batchSize: Int = 64, seed: Int = 0, dropLast: Bool = false,
        nonFinite: NonFinitePolicy = .stop, nonFiniteLimit: Int = 10, rollBackFactor: Double = 0.5
    ) {
        self.nonFinite = nonFinite
        self.nonFiniteLimit = nonFiniteLimit
        self.rollBackFactor = rollBackFactor
        self.epochs = epochs
        self.batchSize = batchSize
        self.seed = seed
        self.dropLast = dropLast
    }
}

/// What follows a step in which the loss, a gradient, or a new value is not finite.
///
/// The step itself is not taken.
public enum NonFinitePolicy: String, CaseIterable, ConfigurationRepresentable {
    /// The training ends, and keeps the best weights so far.
    case stop
    /// The step is left out and counted.
    case skip
    /// The training goes back to the begin of the last complete epoch, with a smaller learning rate.
    case rollBack
}

/// How often the validation data is evaluated.
public enum EvaluationInterval: String, CaseIterable, ConfigurationRepresentable {
    /// At the end of every epoch.
    case epoch
}
