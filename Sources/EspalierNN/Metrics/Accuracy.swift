import EspalierGraph
import EspalierSpec

/// The share of samples whose largest output is that of the right class.
public struct Accuracy: Metric {
    public static let name = "accuracy"
    public static let summary = "Share of samples whose largest output is that of the right class"
    public static let fields: [Field<Self>] = []
    public static let target = TargetKind.classes
    public static let isHigherBetter = true

    public init() {}

    public func callAsFunction(_ logits: Tensor, _ labels: Tensor) -> Tensor {
        (logits.argumentMaximum() .== labels).cast(to: .float32)
    }
}
