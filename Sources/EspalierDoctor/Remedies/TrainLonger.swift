import EspalierSpec
import EspalierTraining

/// `trainLonger`: so many times the epochs.
public struct TrainLonger: Remedy {
    public var factor = 3.0

    public static let name = "trainLonger"
    public static let summary = "So many times the epochs"
    public static let fields = [
        Field("factor", \Self.factor, "times the epochs", accepting: "a number above 1, up to 1000") {
            $0 > 1 && $0 <= 1000
        }
    ]

    public init() {}

    public init(factor: Double) { self.factor = factor }

    public var why: String { "the loss was still falling when the training ended" }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        let epochs = Int((Double(experiment.training.epochs) * factor).rounded(.up))
        guard epochs > experiment.training.epochs, epochs <= 1_000_000_000 else { return nil }
        var changed = experiment
        changed.training.epochs = epochs
        return changed
    }

    public var alternatives: [Self] { [3, 10, 100].filter { $0 != factor }.map(Self.init(factor:)) }
}
