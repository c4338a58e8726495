import EspalierData
import EspalierNN
import EspalierSpec
import EspalierTraining

/// `scaleInputs`: inputs scaled to mean 0 and variance 1 over the training rows.
public struct ScaleInputs: Remedy {
    public static let name = "scaleInputs"
    public static let summary = "Inputs scaled to mean 0 and variance 1"
    public static let fields: [Field<Self>] = []

    public init() {}

    public var why: String { "first weights are drawn for inputs with mean 0 and a spread of 1" }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        let readsSymbols = experiment.model?.contains { $0 is EmbeddingSpecification } ?? false
        guard !experiment.data.source.holdsSymbols, !readsSymbols, experiment.data.scale != .standard else {
            return nil
        }
        var changed = experiment
        changed.data.scale = .standard
        return changed
    }
}
