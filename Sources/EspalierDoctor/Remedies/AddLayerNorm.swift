import EspalierNN
import EspalierSpec
import EspalierTraining

/// `addLayerNorm`: normalisation of each sample by itself, after each hidden linear map and in place of batch normalisations.
///
/// Over the features of linear layers it is `layerNorm`; over channels and places of convolutions `groupNorm` with one group.
public struct AddLayerNorm: Remedy {
    public static let name = "addLayerNorm"
    public static let summary = "Normalisation of each sample by itself after each hidden layer with weights"
    public static let fields: [Field<Self>] = []

    public init() {}

    public var why: String {
        "each sample's values are brought to mean 0 and variance 1 in every layer, whatever the size of the batch"
    }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        guard let model = experiment.model else { return nil }
        return experiment.with(
            model: model.editingHidden { layers, output in
                var signal = false
                let replaced = layers.map { layer -> any LayerSpecification in
                    if layer.isLinearMap { signal = layer.isConvolution }
                    return layer is BatchNormSpecification ? Self.normalization(ofSignal: signal) : layer
                }
                return replaced.normalized(before: output) { Self.normalization(ofSignal: $0.isConvolution) }
            })
    }

    private static func normalization(ofSignal: Bool) -> any LayerSpecification {
        ofSignal ? GroupNormSpecification() : LayerNormSpecification()
    }
}
