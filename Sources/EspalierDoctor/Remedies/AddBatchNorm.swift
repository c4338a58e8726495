import EspalierNN
import EspalierSpec
import EspalierTraining

/// `addBatchNorm`: batch normalisation after each hidden linear map, before its activation.
///
/// Not in models of sequences, whose first axis is no channel, and not where batches are of one sample.
public struct AddBatchNorm: Remedy {
    public static let name = "addBatchNorm"
    public static let summary = "Batch normalisation after each hidden layer with weights, before its activation"
    public static let fields: [Field<Self>] = []

    public init() {}

    public var why: String {
        "each layer's values are brought to mean 0 and variance 1 over the batch, so that neither they nor gradients fade or "
            + "grow with depth"
    }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        guard let model = experiment.model, experiment.training.batchSize > 1, !model.hasSequences else { return nil }
        return experiment.with(
            model: model.editingHidden { layers, output in
                layers.normalized(before: output) { _ in BatchNormSpecification() }
            })
    }
}

extension [any LayerSpecification] {
    /// Whether there are layers of sequences, of whose samples the first axis is the steps.
    var hasSequences: Bool {
        flattened.contains {
            $0 is any RecurrentSpecification || $0 is EmbeddingSpecification || $0 is PositionalEmbeddingSpecification
                || $0 is MultiHeadAttentionSpecification || $0 is TransformerBlockSpecification
        }
    }

    /// These layers with what `normalization` makes for each linear map after it, unless there is one: after the map, or
    /// after its activation.
    func normalized(
        before output: (any LayerSpecification)?,
        _ normalization: (any LayerSpecification) -> any LayerSpecification
    ) -> [any LayerSpecification] {
        enumerated().flatMap { index, layer -> [any LayerSpecification] in
            guard layer.isLinearMap else { return [layer] }
            let following = self[(index + 1)...].prefix { !$0.holdsWeights }
            return following.contains(where: \.isNormalization) ? [layer] : [layer, normalization(layer)]
        }
    }
}
