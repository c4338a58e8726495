import EspalierGraph
import EspalierSpec

/// The mean distance |prediction - target|.
public struct MeanAbsoluteErrorMetric: Metric {
    public static let name = "mae"
    public static let summary = "Mean of |prediction - target|"
    public static let fields: [Field<Self>] = []
    public static let target = TargetKind.values
    public static let isHigherBetter = false

    public init() {}

    public func callAsFunction(_ predictions: Tensor, _ targets: Tensor) -> Tensor {
        (predictions - targets).abs().flattened(from: 1).mean(axes: [1])
    }
}

/// The mean squared distance (prediction - target)^2.
public struct MeanSquaredErrorMetric: Metric {
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
