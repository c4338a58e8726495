import EspalierNN
import EspalierSpec
import EspalierTraining

/// `addWarmup`: the learning rate rises from near zero in the first steps; the schedule there is follows.
///
/// Source: Goyal et al. 2017, "Accurate, large minibatch SGD: training ImageNet in 1 hour".
public struct AddWarmup: Remedy {
    public var steps = 100

    public static let name = "addWarmup"
    public static let summary = "A learning rate that rises from near zero in the first steps"
    public static let fields = [Field("steps", \Self.steps, "steps of the rise", in: 1...)]

    public init() {}

    public init(steps: Int) { self.steps = steps }

    public var why: String { "the first gradients are the largest, and meet weights that fit nothing yet" }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        guard !(experiment.schedule is WarmupSchedule) else { return nil }
        var changed = experiment
        changed.schedule = WarmupSchedule(steps: steps, then: experiment.schedule)
        return changed
    }

    public var alternatives: [Self] { [500].filter { $0 != steps }.map(Self.init(steps:)) }
}
