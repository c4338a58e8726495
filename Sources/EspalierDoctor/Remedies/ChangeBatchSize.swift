import EspalierSpec
import EspalierTraining

/// `changeBatchSize`: so many samples a step.
///
/// Source: Masters and Luschi 2018, "Revisiting small batch training for deep neural networks", for 32.
public struct ChangeBatchSize: Remedy {
    public var size = 32

    public static let name = "changeBatchSize"
    public static let summary = "So many samples a step"
    public static let fields = [Field("size", \Self.size, "samples per step", in: 1...)]

    public init() {}

    public init(size: Int) { self.size = size }

    public var why: String { "the gradient of more samples has less chance in it" }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        guard experiment.training.batchSize != size else { return nil }
        var changed = experiment
        changed.training.batchSize = size
        return changed
    }

    public var alternatives: [Self] { [16, 32, 64, 128].filter { $0 != size }.map(Self.init(size:)) }
}
