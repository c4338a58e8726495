import EspalierGraph
import EspalierSpec

/// Cross-entropy of outputs that are probabilities already, such as those of a softmax layer: loss = -log p_y.
///
/// Logarithms are at least -100, as in PyTorch's `BCELoss`. Shapes: probabilities [N, classes], labels int32 [N] or the
/// share of each class, float32 [N, classes]; loss [N].
///
/// Prefer `crossEntropy` on logits: a softmax that saturates has lost the digits that a logarithm of it needs, and its
/// gradient with them. This loss is here for models that end with a softmax.
///
/// Use it only for a model that ends with a softmax and has to; otherwise `crossEntropy` on logits is more accurate.
///
/// Source: Good 1952, "Rational decisions".
public struct CrossEntropyOnProbabilities: Loss {
    public static let name = "crossEntropyOnProbabilities"
    public static let summary = "Negative logarithm of the class's probability, for outputs that are probabilities"
    public static let fields: [Field<Self>] = []
    public static let target = TargetKind.classes
    public static let takesShares = true

    public init() {}

    public func callAsFunction(_ probabilities: Tensor, _ targets: Tensor) -> Tensor {
        -(targets.shares(of: probabilities.lastExtent) * probabilities.boundedLog()).sum(axes: [-1])
    }

    public func predictions(_ outputs: Tensor, of kind: TargetKind) -> Tensor { outputs }
}

/// Binary cross-entropy of outputs that are probabilities already, such as those of a sigmoid layer:
/// loss = -(t log p + (1 - t) log(1 - p)), the mean over a sample's outputs.
///
/// Logarithms are at least -100, as in PyTorch's `BCELoss`; where one is at that bound, no gradient passes. Shapes as
/// those of `binaryCrossEntropy`, which is to be preferred for the same reason as cross-entropy on logits.
///
/// Use it only for a model that ends with a sigmoid and has to; otherwise `binaryCrossEntropy` on logits is more
/// accurate.
///
/// Source: Good 1952, "Rational decisions".
public struct BinaryCrossEntropyOnProbabilities: Loss {
    public static let name = "binaryCrossEntropyOnProbabilities"
    public static let summary = "Negative log-likelihood of yes or no, for outputs that are probabilities"
    public static let fields: [Field<Self>] = []
    public static let target = TargetKind.classes
    public static let takesShares = true
    public static let targets: Set<TargetKind> = [.classes, .values]
    public static let targetRange: ClosedRange<Float>? = 0...1

    public init() {}

    public func callAsFunction(_ probabilities: Tensor, _ targets: Tensor) -> Tensor {
        let t = targets.shares(of: probabilities.lastExtent)
        return -(t * probabilities.boundedLog() + (1 - t) * (1 - probabilities).boundedLog()).mean(axes: [-1])
    }

    public func predictions(_ outputs: Tensor, of kind: TargetKind) -> Tensor { binaryPredictions(outputs, of: kind) }

    public func outputs(classes: Int) -> Int { binaryOutputs(classes) }
}
