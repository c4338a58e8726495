import EspalierNN
import EspalierSpec
import EspalierTraining

/// `lessRegularization`: penalties, decay and dropout times a factor; 0 leaves them out.
public struct LessRegularization: Remedy {
    public var factor = 0.1

    public static let name = "lessRegularization"
    public static let summary = "Penalties, weight decay and dropout times a factor"
    public static let fields = [
        Field("factor", \Self.factor, "what all of them are multiplied by; 0 for none of them", in: 0...1)
    ]

    public init() {}

    public init(factor: Double) { self.factor = factor }

    public var why: String {
        "what the data says is not outweighed by what keeps weights small, or drops what is learned"
    }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        var changed = experiment
        changed.regularization.l1.strength *= factor
        changed.regularization.l2 *= factor
        changed.regularization.weightDecay *= factor
        if let decay = experiment.optimizer.configuration["weightDecay"]?.doubleValue {
            changed.optimizer = try experiment.optimizer.setting("weightDecay", to: .number(decay * factor))
        }
        changed.model = experiment.model.map { $0.droppingLess(factor) }
        return changed == experiment ? nil : changed
    }

    public var alternatives: [Self] { [0.1, 0.01, 0].filter { $0 != factor }.map(Self.init) }
}

extension [any LayerSpecification] {
    /// With the shares that are dropped times `factor`; layers that would drop nothing are left out, but where a list has no
    /// other.
    fileprivate func droppingLess(_ factor: Double) -> [any LayerSpecification] {
        let layers = compactMap { layer -> (any LayerSpecification)? in
            switch layer {
            case var block as SequentialSpecification:
                block.layers = block.layers.map(\.specification).droppingLess(factor).map(LayerChoice.init)
                return block
            case var block as ResidualSpecification:
                block.body = block.body.map(\.specification).droppingLess(factor).map(LayerChoice.init)
                return block
            case var recurrent as any RecurrentSpecification:
                recurrent.shared.dropout *= factor
                return recurrent
            case var dropping as any DroppingSpecification:
                dropping.p *= factor
                return dropping.p > 0 ? dropping : nil
            default: return layer
            }
        }
        return layers.isEmpty ? self : layers
    }
}

/// A layer that drops a share p of what it is given.
protocol DroppingSpecification: LayerSpecification {
    var p: Double { get set }
}

extension DropoutSpecification: DroppingSpecification {}
extension Dropout2dSpecification: DroppingSpecification {}
extension AlphaDropoutSpecification: DroppingSpecification {}
extension GaussianDropoutSpecification: DroppingSpecification {}
extension StochasticDepthSpecification: DroppingSpecification {}
