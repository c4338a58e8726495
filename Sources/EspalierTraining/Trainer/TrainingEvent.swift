import EspalierNN

/// What happens in a training, as it happens.
public enum TrainingEvent: Sendable {
    case start(TrainingStart)
    /// A step was taken; the loss is that of its batch, before it.
    case step(step: Int, epoch: Int, stepsPerEpoch: Int, loss: Double, learningRate: Double)
    case probe(step: Int, epoch: Int, [ParameterProbe])
    case epoch(EpochRecord)
    case trace(Trace)
    case stop(TrainingResult)
}

/// What is known before the first step.
public struct TrainingStart: Sendable {
    public var layers: [LayerSummary]
    public var parameters: Int
    public var statistics: Int
    public var trainingSamples: Int
    public var validationSamples: Int
    public var stepsPerEpoch: Int
    public var threads: Int
    public var optimizer: String
    /// The learning rate as it is planned.
    public var schedule: PlannedRates
    public var loss: String
    public var settings: TrainingSettings
}

/// Whoever wants to know what happens in a training.
public protocol TrainingListener: AnyObject {
    /// - Throws: Whatever makes it impossible to go on; the training ends with the error.
    func handle(_ event: TrainingEvent) throws
}
