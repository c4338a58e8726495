import EspalierGraph
import EspalierSpec

/// What training makes small: a number per sample, of which the batch's mean is taken.
///
/// A loss that weighs samples says so in `weights`: the mean is then the sum of the losses over the sum of the weights,
/// as PyTorch's `reduction="mean"` has it, so that a batch's loss does not depend on which classes it happens to hold.
public protocol Loss: Specification {
    /// Whether targets are classes (int32, [N]) or values (float32, [N, width]), where nothing else is said.
    static var target: TargetKind { get }

    /// Every kind of target that it takes; `target` alone if not given.
    static var targets: Set<TargetKind> { get }

    /// Within what bounds target values mean something to it, such as probabilities; nothing for any.
    static var targetRange: ClosedRange<Float>? { get }

    /// Whether targets may also be the share of each class, float32 [N, classes], as those of mixed samples are.
    static var takesShares: Bool { get }

    /// What each sample adds to the sum, [N]: weighted, and 0 for one that is left out.
    func callAsFunction(_ predictions: Tensor, _ targets: Tensor) -> Tensor

    /// What each sample adds to that which the sum is divided by, [N]; nothing for 1 each, which is if not given.
    func weights(_ targets: Tensor) -> Tensor?

    /// What a model with this loss says by its outputs: the probability of each class, [..., classes], or the values.
    ///
    /// The softmax of the outputs, and the outputs as they are, if not given.
    func predictions(_ outputs: Tensor, of kind: TargetKind) -> Tensor

    /// How many outputs a model has for so many classes; as many if not given.
    func outputs(classes: Int) -> Int

    /// Refuses what the settings do not fit.
    ///
    /// - Parameters:
    ///   - kind: What the data's targets are.
    ///   - count: How many classes, or values a sample, there are.
    /// - Throws: `EspalierError` with what would fit.
    func check(_ kind: TargetKind, count: Int) throws

    /// The loss with what the training data decides written down; itself if not given.
    ///
    /// - Parameter counts: How many training samples each class has; nothing for values.
    func decided(by counts: [Int]?) throws -> Self
}

extension Loss {
    public static var targets: Set<TargetKind> { [target] }
    public static var targetRange: ClosedRange<Float>? { nil }
    public static var takesShares: Bool { false }
    public func weights(_ targets: Tensor) -> Tensor? { nil }
    public func predictions(_ outputs: Tensor, of kind: TargetKind) -> Tensor {
        kind == .classes ? outputs.softmax() : outputs
    }
    public func outputs(classes: Int) -> Int { classes }
    public func check(_ kind: TargetKind, count: Int) throws {}
    public func decided(by counts: [Int]?) throws -> Self { self }

    /// The mean over a batch, a scalar.
    public func mean(_ predictions: Tensor, _ targets: Tensor) -> Tensor {
        let losses = self(predictions, targets)
        guard let weights = weights(targets) else { return losses.mean() }
        return losses.sum() / weights.sum()
    }
}

/// What a sample's target is.
public enum TargetKind: String, Sendable, Hashable {
    /// One class out of several, by number.
    case classes
    /// One or more real numbers.
    case values
}

extension Registry where Part == any Loss {
    /// The losses that Espalier brings.
    public static var standard: Self {
        var registry = Self(kind: "loss")
        registry.register(CrossEntropyLoss.self) { $0 }
        registry.register(MeanSquaredError.self) { $0 }
        registry.register(BinaryCrossEntropyLoss.self) { $0 }
        registry.register(CrossEntropyOnProbabilities.self) { $0 }
        registry.register(BinaryCrossEntropyOnProbabilities.self) { $0 }
        registry.register(FocalLoss.self) { $0 }
        registry.register(HingeLoss.self) { $0 }
        registry.register(MeanAbsoluteError.self) { $0 }
        registry.register(HuberLoss.self) { $0 }
        registry.register(SmoothL1Loss.self) { $0 }
        registry.register(KullbackLeiblerDivergence.self) { $0 }
        registry.register(CosineLoss.self) { $0 }
        return registry
    }
}
