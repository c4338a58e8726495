import EspalierGraph
import EspalierSpec

/// The mean over a sample's outputs of |prediction - target|.
///
/// Shapes: both [N, width], loss [N]. Its minimum is the median of the targets, so that outliers pull no more than
/// others; its gradient does not fall near the minimum, so that the learning rate has to.
///
/// Use it for values with outliers, or where the median is wanted; not where large mistakes cost more than in
/// proportion.
///
/// Source: Koenker and Bassett 1978, "Regression quantiles".
public struct MeanAbsoluteError: Loss {
    public static let name = "mae"
    public static let summary = "Mean of |prediction - target|"
    public static let fields: [Field<Self>] = []
    public static let target = TargetKind.values

    public init() {}

    public func callAsFunction(_ predictions: Tensor, _ targets: Tensor) -> Tensor {
        (predictions - targets).abs().meanOfSample()
    }
}

extension Tensor {
    /// The mean over everything but the first axis.
    func meanOfSample() -> Tensor { flattened(from: 1).mean(axes: [1]) }
}
