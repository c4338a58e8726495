import EspalierNN
import EspalierSpec
import EspalierTraining

/// `decaySchedule`: a learning rate that falls along half a cosine, until the end of the training.
///
/// Source: Loshchilov and Hutter 2017, "SGDR: stochastic gradient descent with warm restarts".
public struct DecaySchedule: Remedy {
    public var decayTo = 0.01

    public static let name = "decaySchedule"
    public static let summary = "A learning rate that falls along half a cosine until the end"
    public static let fields = [Field("decayTo", \Self.decayTo, "the last factor", in: 0...1)]

    public init() {}

    public init(decayTo: Double) { self.decayTo = decayTo }

    public var why: String { "smaller and smaller steps settle where larger ones jump about" }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        guard experiment.schedule is ConstantSchedule else { return nil }
        var changed = experiment
        changed.schedule = CosineSchedule(decayTo: decayTo)
        return changed
    }
}
