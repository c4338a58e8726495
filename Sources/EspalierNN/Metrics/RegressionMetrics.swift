import EspalierGraph
import EspalierSpec

/// The mean distance |prediction - target|.
///
/// Use it to say in the targets' unit how far off predictions are; not to compare targets of different units.
public struct MeanAbsoluteErrorMetric: SampleMetric {
    public static let name = "mae"
    public static let summary = "Mean of |prediction - target|"
    public static let fields: [Field<Self>] = []
    public static let target = TargetKind.values
    public static let isHigherBetter = false

    public init() {}

    public func callAsFunction(_ predictions: Tensor, _ targets: Tensor) -> Tensor {
        MeanAbsoluteError()(predictions, targets)
    }
}

/// The mean squared distance (prediction - target)^2.
///
/// Use it where the training minimises it; not to be read: its unit is that of the targets, squared.
public struct MeanSquaredErrorMetric: SampleMetric {
    public static let name = "mse"
    public static let summary = "Mean of (prediction - target)^2"
    public static let fields: [Field<Self>] = []
    public static let target = TargetKind.values
    public static let isHigherBetter = false

    public init() {}

    public func callAsFunction(_ predictions: Tensor, _ targets: Tensor) -> Tensor {
        MeanSquaredError()(predictions, targets)
    }
}

/// The root of the mean over samples and target values of (prediction - target)^2, in the targets' unit.
///
/// Use it where large mistakes count more than many small ones; with outliers `mae` says more about most samples.
public struct RootMeanSquaredError: SampleMetric {
    public static let name = "rmse"
    public static let summary = "Root of the mean of (prediction - target)^2"
    public static let fields: [Field<Self>] = []
    public static let target = TargetKind.values
    public static let isHigherBetter = false

    public init() {}

    public func callAsFunction(_ predictions: Tensor, _ targets: Tensor) -> Tensor {
        MeanSquaredError()(predictions, targets)
    }

    public func value(of records: MetricRecords) -> Double { records.mean.squareRoot() }
}

/// The share of the targets' variance that the predictions explain; of several target values the mean.
///
///     R2 = 1 - sum (t - p)^2 / sum (t - mean t)^2
///
/// 0 is as good as always predicting the mean, below 0 worse. Where all targets are the same it is 1 if all predictions
/// are right and 0 otherwise, as in scikit-learn.
///
/// Use it to compare tasks of different units; on sets with little variance it is low however small the errors are.
///
/// Source: Wright 1921, "Correlation and causation".
public struct RSquared: Metric {
    public static let name = "r2"
    public static let summary = "Share of the targets' variance that the predictions explain"
    public static let fields: [Field<Self>] = []
    public static let target = TargetKind.values
    public static let isHigherBetter = true

    public init() {}

    /// The predictions, then the targets.
    public func record(_ predictions: Tensor, _ targets: Tensor) -> Tensor {
        .concatenate([predictions.flattened(from: 1), targets.flattened(from: 1)], axis: 1)
    }

    public func value(of records: MetricRecords) -> Double {
        let width = records.width / 2
        let values = (0..<width).map { explained(records.column($0), of: records.column(width + $0)) }
        return values.reduce(0, +) / Double(width)
    }

    private func explained(_ predictions: [Double], of targets: [Double]) -> Double {
        let mean = targets.reduce(0, +) / Double(targets.count)
        let total = targets.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let rest = zip(predictions, targets).reduce(0) { $0 + ($1.1 - $1.0) * ($1.1 - $1.0) }
        return total > 0 ? 1 - rest / total : rest == 0 ? 1 : 0
    }
}
