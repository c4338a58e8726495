import EspalierNN
import EspalierSpec
import EspalierTraining

/// `changeActivation`: another activation in all hidden layers.
///
/// The output's activation stays, as do those that are no function of each value by itself (softmax, glu). With `selu`, which
/// keeps values' size only under weights of variance 1 / fan, initialisers that say otherwise are left out.
public struct ChangeActivation: Remedy {
    public var to = LayerChoice(ReLUSpecification())

    public static let name = "changeActivation"
    public static let summary = "Another activation in all hidden layers"
    public static let fields = [
        Field(
            "to", \Self.to, "the activation", accepting: "the name of an activation, or {name: {settings}}",
            where: { $0.specification.isElementwiseActivation })
    ]

    public init() {}

    public init(to activation: any LayerSpecification) { to = LayerChoice(activation) }

    public var why: String {
        switch to.specification {
        case is ReLUSpecification:
            "its slope is 1 wherever it is not 0, so that gradients pass through any number of layers"
        case is LeakyReLUSpecification, is ELUSpecification:
            "its slope is 0 nowhere, so that no unit falls silent for good"
        case is SELUSpecification:
            "with weights that match it keeps mean 0 and variance 1 by itself from layer to layer"
        case is TanhSpecification: "it is bounded and has mean 0, so that values neither grow nor drift"
        default: "its slope lets gradients through where the present activation's does not"
        }
    }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        guard let model = experiment.model else { return nil }
        let layers = model.editingHidden { layers, _ in
            layers.map { $0.isElementwiseActivation ? to.specification : $0 }
        }
        guard var changed = experiment.with(model: layers) else { return nil }
        if to.specification is SELUSpecification {
            changed.initializer = nil
            changed.model = layers.mapped { $0.resized { $0.drawn = nil } }
        }
        return changed
    }

    public var alternatives: [Self] {
        let all: [any LayerSpecification] = [
            ReLUSpecification(), LeakyReLUSpecification(), ELUSpecification(), SELUSpecification(), TanhSpecification(),
        ]
        return all.map { Self(to: $0) }.filter { $0 != self }
    }
}
