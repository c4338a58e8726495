import EspalierNN
import EspalierSpec
import EspalierTraining

/// `addDropout`: dropout after the activation of each hidden linear layer; where there is none, before the last layer.
///
/// Where there is dropout already, it drops at least as much.
public struct AddDropout: Remedy {
    public var p = 0.3

    public static let name = "addDropout"
    public static let summary = "Dropout after hidden layers, or more of it"
    public static let fields = [Field("p", \Self.p, "share of the values dropped", in: 0..<1)]

    public init() {}

    public init(p: Double) { self.p = p }

    public var why: String { "units that cannot rely on each other learn what holds for other samples too" }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        guard let model = experiment.model else { return nil }
        let dropped = model.editingHidden { layers, output in
            let changed = dropping(layers)
            guard output != nil, !changed.contains(where: { $0 is DropoutSpecification }), !changed.isEmpty,
                changed.contains(where: \.holdsWeights)
            else { return changed }
            return changed + [layer]
        }
        return experiment.with(model: dropped)
    }

    private var layer: DropoutSpecification {
        var layer = DropoutSpecification()
        layer.p = p
        return layer
    }

    private func dropping(_ layers: [any LayerSpecification]) -> [any LayerSpecification] {
        var result: [any LayerSpecification] = [], isDense = false
        for (index, layer) in layers.enumerated() {
            if layer.isLinearMap { isDense = !layer.isConvolution }
            if var dropout = layer as? DropoutSpecification {
                dropout.p = max(dropout.p, p)
                result.append(dropout)
                continue
            }
            result.append(layer)
            let next = index + 1 < layers.count ? layers[index + 1] : nil
            if isDense, layer.isElementwiseActivation, !(next is any DroppingSpecification) {
                result.append(self.layer)
            }
        }
        return result
    }

    public var alternatives: [Self] { [0.2, 0.3, 0.5].filter { $0 != p }.map(Self.init) }
}
