import EspalierGraph
import EspalierSpec

/// The negative log-likelihood of the right class under the softmax of the model's outputs (logits).
///
///     loss = -log p_y        with p = softmax(z)
///
/// Shapes: logits [N, classes], labels int32 [N], loss [N]; with labels [N, steps] logits [N, steps, classes]. Targets may
/// also be the share of each class, float32 [N, classes], as mixed samples have them: loss = -sum_c t_c log p_c.
/// The model ends with a linear layer, without softmax: the two together are more accurate than one after the other.
///
/// Class weights w multiply each sample's loss by w_y, and the mean divides by the sum of these; it leaves samples of
/// the ignored class out. Label smoothing eps puts (1 - eps) on the right class and eps / classes on every one:
///
///     loss = (1 - eps) w_y (-log p_y) + eps / classes sum_c w_c (-log p_c)
///
/// Without any of them by default, as PyTorch. A batch in which every sample is ignored has no mean, it is NaN.
///
/// Balanced weights are those that give every class the same weight in the training data: see `ClassWeights`.
///
/// Use it for one class out of several. Weights are for classes whose mistakes cost more than others'; they also move
/// the probabilities away from the classes' frequencies. Smoothing helps against over-confidence, and hurts where the
/// model is to be distilled (Müller, Kornblith and Hinton 2019).
///
/// Source: Szegedy, Vanhoucke, Ioffe, Shlens and Wojna 2016, "Rethinking the Inception architecture for computer vision"
/// (label smoothing).
public struct CrossEntropyLoss: Loss {
    /// One for each class; nothing for 1 each.
    public var classWeights: ClassWeights?
    /// The share of a target that is spread over all classes.
    public var labelSmoothing = 0.0
    /// The class whose samples are left out, such as that of padding.
    public var ignoredIndex: Int?

    public static let name = "crossEntropy"
    public static let summary = "Negative log-likelihood of the class under the softmax of the logits"
    public static let fields = [
        Field(
            "classWeights", \Self.classWeights, "a factor for each class, or balanced; null for 1"),
        Field("labelSmoothing", \Self.labelSmoothing, "share of a target spread over all classes", in: 0..<1),
        Field("ignoredIndex", \Self.ignoredIndex, "class whose samples are left out; null for none"),
    ]
    public static let target = TargetKind.classes
    public static let takesShares = true

    public init() {}

    public init(classWeights: ClassWeights? = nil, labelSmoothing: Double = 0, ignoredIndex: Int? = nil) {
        self.classWeights = classWeights
        self.labelSmoothing = labelSmoothing
        self.ignoredIndex = ignoredIndex
    }

    public func callAsFunction(_ logits: Tensor, _ targets: Tensor) -> Tensor {
        guard targets.dtype == .int32 else { return onShares(logits.logSoftmax(), targets) }
        let labels = known(targets)
        var loss = logits.crossEntropy(labels: labels)
        if let factors { loss = loss * factors.gather(labels) }
        if labelSmoothing > 0 {
            let spread = weighted(-logits.logSoftmax()).mean(axes: [-1])
            loss = (1 - labelSmoothing) * loss + labelSmoothing * spread
        }
        return isCounted(targets).map { Tensor.select($0, loss, 0) } ?? loss
    }

    /// PyTorch divides by the number of samples where targets are shares.
    public func weights(_ targets: Tensor) -> Tensor? {
        guard targets.dtype == .int32, classWeights != nil || ignoredIndex != nil else { return nil }
        let weights = factors?.gather(known(targets)) ?? .ones(targets.shape)
        return isCounted(targets).map { Tensor.select($0, weights, 0) } ?? weights
    }

    public func check(_ kind: TargetKind, count: Int) throws {
        try classWeights?.check(Self.name, classes: count)
        if let ignoredIndex, !(0..<count).contains(ignoredIndex) {
            throw EspalierError(
                "ignoredIndex \(ignoredIndex) is none of the \(count) classes", expected: "0 to \(count - 1), or null")
        }
    }

    public func decided(by counts: [Int]?) throws -> Self {
        var copy = self
        if let counts { copy.classWeights = try classWeights?.decided(by: counts) }
        return copy
    }

    private func onShares(_ logarithms: Tensor, _ shares: Tensor) -> Tensor {
        let classes = Double(logarithms.lastExtent)
        let smoothed = labelSmoothing == 0 ? shares : (1 - labelSmoothing) * shares + labelSmoothing / classes
        return (smoothed * weighted(-logarithms)).sum(axes: [-1])
    }

    /// The class weights, [classes].
    private var factors: Tensor? { classWeights.map { Tensor($0.factors.map(Float.init), [$0.factors.count]) } }

    private func weighted(_ losses: Tensor) -> Tensor { factors.map { losses * $0 } ?? losses }

    private func isCounted(_ labels: Tensor) -> Tensor? { ignoredIndex.map { labels .!= Tensor(Double($0), .int32) } }

    /// The ignored label may name no output at all.
    private func known(_ labels: Tensor) -> Tensor {
        isCounted(labels).map { .select($0, labels, Tensor(0, .int32)) } ?? labels
    }
}
