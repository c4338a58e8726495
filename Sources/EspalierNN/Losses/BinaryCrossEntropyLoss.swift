import EspalierGraph
import EspalierSpec

/// The negative log-likelihood of yes or no for each output, under the sigmoid of the outputs (logits).
///
///     loss = -(c t log p + (1 - t) log(1 - p))        with p = sigmoid(z), the mean over a sample's outputs
///
/// c, the weight of the right answer yes, is 1 by default. Computed as (1 - t) z + (1 + (c - 1) t) log(1 + exp(-z)),
/// which cannot overflow.
///
/// Shapes: one output [N, 1] for two classes (labels int32 [N]); several outputs [N, width] for as many questions: for
/// labels each class against the others, for values (float32, [N, width], from 0 to 1) each its own. Loss [N].
///
/// Use it for two classes, or where several may be right at once; for one class out of several cross-entropy is better,
/// as it compares them. `positiveWeight` is for rare yes: their number against that of no.
///
/// Source: Cox 1958, "The regression analysis of binary sequences".
public struct BinaryCrossEntropyLoss: Loss {
    /// c.
    public var positiveWeight = 1.0

    public static let name = "binaryCrossEntropy"
    public static let summary = "Negative log-likelihood of yes or no for each output, under the sigmoid of the logits"
    public static let fields = [
        Field("positiveWeight", \Self.positiveWeight, "weight of the right answer yes", in: .positive)
    ]
    public static let target = TargetKind.classes
    public static let takesShares = true
    public static let targets: Set<TargetKind> = [.classes, .values]
    public static let targetRange: ClosedRange<Float>? = 0...1

    public init() {}

    public init(positiveWeight: Double) { self.positiveWeight = positiveWeight }

    public func callAsFunction(_ logits: Tensor, _ targets: Tensor) -> Tensor {
        let t = targets.shares(of: logits.lastExtent)
        let certainty = logits.negativeLogSigmoid()
        let weighted = positiveWeight == 1 ? certainty : (1 + (positiveWeight - 1) * t) * certainty
        return ((1 - t) * logits + weighted).mean(axes: [-1])
    }

    public func predictions(_ outputs: Tensor, of kind: TargetKind) -> Tensor {
        binaryPredictions(outputs.sigmoid(), of: kind)
    }

    public func outputs(classes: Int) -> Int { binaryOutputs(classes) }
}

/// The probabilities of both classes where there is one output for them.
func binaryPredictions(_ probabilities: Tensor, of kind: TargetKind) -> Tensor {
    kind == .classes && probabilities.lastExtent == 1 ? probabilities.withComplement() : probabilities
}

/// One output tells two classes apart.
func binaryOutputs(_ classes: Int) -> Int { classes == 2 ? 1 : classes }
