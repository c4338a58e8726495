import EspalierData
import EspalierNN
import EspalierSpec

/// An experiment with its data loaded, divided and scaled and its model built: all that a trainer needs.
public struct PreparedExperiment {
    /// The experiment with everything decided.
    public let experiment: Experiment
    /// Scaled.
    public let data: DataSplit
    /// Fitted on the training rows.
    public let inputScaler: Scaler
    /// Nothing where targets are classes, or left as they are.
    public let targetScaler: Scaler?
    /// Its parameters are drawn by the trainer.
    public let model: Sequential
    public let loss: any Loss
    public let metrics: [any Metric]

    /// The complete configuration: read back, it leads to the same bytes.
    public var configuration: ConfigurationValue { experiment.configuration }

    /// One name per feature, or none at all.
    public var featureNames: [String] { data.train.featureNames }

    /// The classes by number; nothing where targets are values.
    public var classNames: [String]? {
        if case .classes(_, let names) = data.train.targets { names } else { nil }
    }

    /// The target values by column; nothing where targets are classes.
    public var targetNames: [String]? {
        if case .values(_, _, let names) = data.train.targets { names } else { nil }
    }
}
