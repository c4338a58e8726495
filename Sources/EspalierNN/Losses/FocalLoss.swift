import EspalierGraph
import EspalierSpec

/// Cross-entropy in which samples that are already right count less.
///
///     loss = -a (1 - p_y)^gamma log p_y
///
/// With several outputs p is their softmax; with one output, for two classes, its sigmoid is the probability of the
/// second class. a is alpha for the second of two classes and 1 - alpha for the first, and 1 if alpha is not given.
/// gamma 0 is cross-entropy.
///
/// Shapes: logits [N, classes] or [N, 1], labels int32 [N], loss [N]. The mean divides by the number of samples. gamma
/// 2 is the paper's choice, and 0.25 its alpha with that; here alpha is off until asked for.
///
/// Use it where easy samples are so many that they drown the others, as in detection. Not for calibrated probabilities:
/// it holds them back from 0 and 1.
///
/// Source: Lin, Goyal, Girshick, He and Dollár 2017, "Focal loss for dense object detection".
public struct FocalLoss: Loss {
    public var gamma = 2.0
    public var alpha: Double?

    public static let name = "focal"
    public static let summary = "Cross-entropy in which samples that are already right count less"
    public static let fields = [
        Field("gamma", \Self.gamma, "how much less: the power of 1 - p", in: 0...),
        Field("alpha", \Self.alpha, "weight of the second of two classes against the first; null for equal", in: 0...1),
    ]
    public static let target = TargetKind.classes

    public init() {}

    public init(gamma: Double = 2, alpha: Double? = nil) {
        self.gamma = gamma
        self.alpha = alpha
    }

    public func callAsFunction(_ logits: Tensor, _ labels: Tensor) -> Tensor {
        let entropy: Tensor
        if logits.lastExtent == 1 {
            let sign = (2 * labels.cast(to: .float32) - 1).expanded(at: -1)
            entropy = (sign * logits).negativeLogSigmoid().sum(axes: [-1])
        } else {
            entropy = logits.crossEntropy(labels: labels)
        }
        // Above zero, so that the derivative of a power below one exists where p is 1 to the last digit.
        let doubt = Tensor.maximum(-(-entropy).expm1(), 1e-12)
        let loss = gamma == 0 ? entropy : doubt.power(Tensor(gamma)) * entropy
        guard let alpha else { return loss }
        return loss * Tensor.select(labels .== Tensor(1, .int32), Tensor(alpha), Tensor(1 - alpha))
    }

    public func predictions(_ outputs: Tensor, of kind: TargetKind) -> Tensor {
        outputs.lastExtent == 1 ? outputs.sigmoid().withComplement() : outputs.softmax()
    }

    public func outputs(classes: Int) -> Int { binaryOutputs(classes) }

    public func check(_ kind: TargetKind, count: Int) throws {
        guard alpha != nil, count != 2 else { return }
        throw EspalierError(
            "focal: alpha weighs two classes against each other, and there are \(count)", expected: "alpha: null")
    }
}
