import EspalierNN
import EspalierSpec
import EspalierTraining

/// `balanceClasses`: weights in the cross-entropy with which each class counts the same, however many samples it has.
public struct BalanceClasses: Remedy {
    public static let name = "balanceClasses"
    public static let summary = "Each class weighs the same in the loss"
    public static let fields: [Field<Self>] = []

    public init() {}

    public var why: String { "a rare class then costs as much as a frequent one when it is left out" }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        guard var loss = experiment.loss as? CrossEntropyLoss, loss.classWeights == nil else { return nil }
        loss.classWeights = .balanced
        var changed = experiment
        changed.loss = loss
        return changed
    }
}
