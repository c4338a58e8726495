import EspalierGraph
import EspalierSpec

/// The mean over a sample's outputs of (prediction - target)^2.
///
/// Shapes: both [N, width], loss [N]. Its minimum is the mean of the targets. Use it where errors are about normal;
/// with outliers use `huber`.
///
/// Source: Legendre 1805, "Nouvelles méthodes pour la détermination des orbites des comètes".
public struct MeanSquaredError: Loss {
    public static let name = "mse"
    public static let summary = "Mean of (prediction - target)^2"
    public static let fields: [Field<Self>] = []
    public static let target = TargetKind.values

    public init() {}

    public func callAsFunction(_ predictions: Tensor, _ targets: Tensor) -> Tensor {
        (predictions - targets).squared().meanOfSample()
    }
}
