import EspalierData
import EspalierNN
import EspalierSpec
import EspalierTraining

/// `scaleTargets`: target values scaled to mean 0 and variance 1 over the training rows; metrics stay in their units.
public struct ScaleTargets: Remedy {
    public static let name = "scaleTargets"
    public static let summary = "Target values scaled to mean 0 and variance 1"
    public static let fields: [Field<Self>] = []

    public init() {}

    public var why: String {
        "outputs begin at a size of about 1, and have the least way to go to targets of that size"
    }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        // A loss on probabilities takes only targets from 0 to 1.
        guard let loss = experiment.loss, type(of: loss).targets.contains(.values), type(of: loss).targetRange == nil,
            experiment.data.targetScale != .standard
        else { return nil }
        var changed = experiment
        changed.data.targetScale = .standard
        return changed
    }
}
