import EspalierGraph
import EspalierSpec

/// The negative log-likelihood of the right class under the softmax of the model's outputs (logits).
///
/// loss = log(sum_j exp(z_j)) - z_label. Shapes: logits [N, classes], labels int32 [N], loss [N]. The model ends with
/// a linear layer, without softmax: the two together are more accurate than one after the other.
public struct CrossEntropyLoss: Loss {
    public static let name = "crossEntropy"
    public static let summary = "Negative log-likelihood of the class under the softmax of the logits"
    public static let fields: [Field<Self>] = []
    public static let target = TargetKind.classes

    public init() {}

    public func callAsFunction(_ logits: Tensor, _ labels: Tensor) -> Tensor {
        logits.crossEntropy(labels: labels)
    }
}
