import EspalierNN
import EspalierSpec
import EspalierTraining

/// `widen`: the units of all hidden layers times a factor; below one it makes them narrower.
///
/// Not in models whose other layers name shapes: with `reshape` behind the first layer with weights, or normalisations of
/// given shapes or groups.
public struct Widen: Remedy {
    public var factor = 2.0

    public static let name = "widen"
    public static let summary = "The units of all hidden layers times a factor"
    public static let fields = [
        Field("factor", \Self.factor, "what numbers of units and channels are multiplied by", in: .positive)
    ]

    public init() {}

    public init(factor: Double) { self.factor = factor }

    public var why: String {
        factor > 1
            ? "more units can say more, and some are left where others fall silent"
            : "fewer units can learn less of the samples by heart"
    }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        guard let model = experiment.model, !model.namesShapes else { return nil }
        return experiment.with(model: model.editingHidden { layers, _ in layers.map(widened) })
    }

    private func widened(_ layer: any LayerSpecification) -> any LayerSpecification {
        if var block = layer as? ResidualSpecification {
            // What is added to a body that has become wider.
            block.shortcut = block.shortcut?.map(\.specification).mapped(widened).map(LayerChoice.init)
            return block
        }
        return layer.resized { sized in
            guard let width = sized.width else { return }
            sized.width = max(1, Int((Double(width) * factor).rounded()))
        }
    }

    public var alternatives: [Self] {
        (factor > 1 ? [2, 4, 8] : [0.5, 0.25]).filter { $0 != factor }.map(Self.init)
    }
}

extension [any LayerSpecification] {
    /// Whether layers say extents that follow from the units of others: these would no longer fit.
    fileprivate var namesShapes: Bool {
        let all = flattened, first = all.firstIndex(where: \.holdsWeights) ?? 0
        let hasResidual = contains {
            $0 is ResidualSpecification || ($0 as? SequentialSpecification)?.holdsResidual ?? false
        }
        return all[first...].contains {
            switch $0 {
            case let norm as LayerNormSpecification: norm.shape != nil
            case let norm as GroupNormSpecification: norm.groups > 1
            case is ReshapeSpecification: true
            default: false
            }
        } || hasResidual && hasSequences || all.contains(where: \.hasGroups)
    }
}

extension SequentialSpecification {
    fileprivate var holdsResidual: Bool {
        layers.contains {
            $0.specification is ResidualSpecification
                || ($0.specification as? SequentialSpecification)?.holdsResidual ?? false
        }
    }
}

extension LayerSpecification {
    /// Whether channels fall into groups, by which a factor may leave a rest.
    fileprivate var hasGroups: Bool { (configuration["groups"]?.doubleValue ?? 1) > 1 }
}
