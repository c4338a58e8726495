import EspalierSpec

/// How long and in what pieces to train: `training:` in a configuration.
public struct TrainingSettings: Specification {
    public var epochs = 30
    public var batchSize = 64
    public var seed = 0
    public var evaluateEvery = EvaluationInterval.epoch
    public var dropLast = false

    public static let name = "training"
    public static let summary = "How long and in what pieces to train"
    public static let fields = [
        Field("epochs", \Self.epochs, "passes over the training data", in: 1...),
        Field("batchSize", \Self.batchSize, "samples per step", in: 1...),
        Field("seed", \Self.seed, "what every random draw of the run follows from", in: 0...),
        Field("evaluateEvery", \Self.evaluateEvery, "how often the validation data is evaluated"),
        Field("dropLast", \Self.dropLast, "whether a last batch of fewer samples is left out"),
    ]

    public init() {}

    public init(epochs: Int = 30, batchSize: Int = 64, seed: Int = 0, dropLast: Bool = false) {
        self.epochs = epochs
        self.batchSize = batchSize
        self.seed = seed
        self.dropLast = dropLast
    }
}

/// How often the validation data is evaluated.
public enum EvaluationInterval: String, CaseIterable, ConfigurationRepresentable {
    /// At the end of every epoch.
    case epoch
}
