import EspalierNN
import EspalierSpec
import EspalierTraining

/// `changeLearningRate`: the learning rate times a factor.
public struct ChangeLearningRate: Remedy {
    public var factor = 0.1

    public static let name = "changeLearningRate"
    public static let summary = "The learning rate times a factor"
    public static let fields = [
        Field("factor", \Self.factor, "what the learning rate is multiplied by", in: .positive)
    ]

    public init() {}

    public init(factor: Double) { self.factor = factor }

    public var why: String {
        factor < 1
            ? "smaller steps do not overshoot" : "larger steps get somewhere in the epochs there are"
    }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        var changed = experiment
        changed.optimizer.learningRate = experiment.optimizer.learningRate * factor
        return changed == experiment ? nil : changed
    }

    public var alternatives: [Self] {
        factor < 1
            ? [0.1, 0.01, 0.001].filter { $0 != factor }.map(Self.init)
            : [10, 100, 1000, 10000].filter { $0 != factor }.map(Self.init)
    }
}
