import EspalierGraph
import EspalierSpec

/// How much is lost where the softmax p of the model's outputs (logits) stands for the distribution t of the target.
///
///     loss = sum_c t_c (log t_c - log p_c)        (0 where t_c is 0)
///
/// Shapes: logits and targets [N, width], loss [N]; each row of targets is a distribution: none below 0, and their sum is
/// 1. The mean over a batch is that of PyTorch's `KLDivLoss` with `reduction="batchmean"`, on log-softmax outputs.
///
/// Use it to learn distributions, such as another model's probabilities. For labels it is cross-entropy.
///
/// Source: Kullback and Leibler 1951, "On information and sufficiency".
public struct KullbackLeiblerDivergence: Loss {
    public static let name = "klDivergence"
    public static let summary = "Divergence of the softmax of the logits from the distribution of the target"
    public static let fields: [Field<Self>] = []
    public static let target = TargetKind.values
    public static let targetRange: ClosedRange<Float>? = 0...1

    public init() {}

    public func callAsFunction(_ logits: Tensor, _ targets: Tensor) -> Tensor {
        let entropy = targets * Tensor.select(targets .> 0, targets, 1).log()
        return (entropy - targets * logits.logSoftmax()).sum(axes: [-1])
    }

    public func predictions(_ outputs: Tensor, of kind: TargetKind) -> Tensor { outputs.softmax() }
}
