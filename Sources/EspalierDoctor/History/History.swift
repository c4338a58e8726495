import EspalierNN
import EspalierTraining

/// The course of a training, as its run folder tells it: what the checks during and after a training look at.
///
/// The same training gives the same history, whether it is followed as it goes or read back from `events.jsonl`.
public struct History: Sendable {
    /// The loss of a step's batch.
    public struct StepLoss: Sendable, Hashable {
        public var step: Int
        public var loss: Double
    }

    /// What was known before the first step; nothing before there is any.
    public internal(set) var start: Start?
    /// What is known of the data; nothing where nobody has looked.
    public internal(set) var baselines: Baselines?
    /// Of the steps that are recorded: some two hundred an epoch at most.
    public internal(set) var losses: [StepLoss] = []
    public internal(set) var probes: [Probe] = []
    public internal(set) var epochs: [EpochRecord] = []
    public internal(set) var nonFinite: [NonFinite] = []
    /// How it ended, if it did.
    public internal(set) var end: TrainingResult.Status?
    /// Of the weights that were kept, where they were measured.
    public internal(set) var final: Final?

    public init() {}

    /// What is known before the first step.
    public struct Start: Sendable, Hashable {
        public var isClassification: Bool
        public var layers: [Layer]
        public var trainingSamples: Int
        public var stepsPerEpoch: Int
        public var epochs: Int
        public var batchSize: Int
        /// Before the schedule.
        public var learningRate: Double
        public var optimizer: String
        public var loss: String
        public var validationSamples: Int
        public var penalty: WeightPenalty
        /// The paths of the parameters that never learn.
        public var frozen: [String]
    }

    /// A layer of the model, in the order of the data.
    public struct Layer: Sendable, Hashable {
        public var path: String
        public var layer: String
        public var parameters: Int
    }

    /// A step that had numbers which are not finite.
    public struct NonFinite: Sendable, Hashable {
        public var step: Int
        public var cause: String
        /// What it comes from, as far as that is known.
        public var source: NonFiniteOrigin.Source?
        /// A row of the data, or the path of a layer or parameter.
        public var location: String?
    }

    /// What the weights that were kept reach.
    public struct Final: Sendable, Hashable {
        public var train: Scores?
        public var validation: Scores?
        public var test: Scores?
        /// How many held-out samples of each class (row) were taken for each (column); empty where that is not known.
        public var confusion: [[Int]] = []
    }
}
