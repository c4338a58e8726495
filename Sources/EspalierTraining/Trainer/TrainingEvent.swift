import EspalierNN
import EspalierSpec

/// What happens in a training, as it happens.
public enum TrainingEvent: Sendable {
    case start(TrainingStart)
    /// A step was taken; the loss is that of its batch, before it.
    case step(step: Int, epoch: Int, stepsPerEpoch: Int, loss: Double, learningRate: Double)
    case probe(Probe)
    case curvature(Curvature)
    /// The validation data was measured within an epoch.
    case validation(EpochRecord)
    case epoch(EpochRecord)
    case trace(Trace)
    /// A step had numbers that are not finite, and was not taken.
    case nonFinite(NonFiniteRecord)
    /// A checkpoint was written, or could not be.
    case checkpoint(CheckpointRecord)
    /// A run that ended before its training did goes on; comes before `start`.
    case resume(ResumeRecord)
    /// Something is wrong: see `Finding`.
    case finding(Finding)
    /// What simple models reach on the same data.
    case baselines(Baselines)
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
    /// Before the schedule.
    public var learningRate: Double
    public var isClassification: Bool
    public var settings: TrainingSettings
    /// On the size of parameters.
    public var penalty: WeightPenalty
    /// The paths of the parameters that never learn.
    public var frozen: [String]
}

/// Where a training goes on.
public struct ResumeRecord: Sendable {
    /// What it goes on from; nothing where it starts over.
    public var checkpoint: String?
    /// Why each newer checkpoint is not used.
    public var unusable: [EspalierError]
    /// Steps that were taken.
    public var step: Int
    /// Every epoch that was completed.
    public var history: [EpochRecord]
}

/// Whoever wants to know what happens in a training.
public protocol TrainingListener: AnyObject {
    /// - Throws: Whatever makes it impossible to go on; the training ends with the error.
    func handle(_ event: TrainingEvent) throws
}
