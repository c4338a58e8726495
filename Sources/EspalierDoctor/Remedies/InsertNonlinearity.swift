import EspalierNN
import EspalierSpec
import EspalierTraining

/// `insertNonlinearity`: an activation wherever a linear map follows another with nothing nonlinear between.
public struct InsertNonlinearity: Remedy {
    public var activation = LayerChoice(ReLUSpecification())

    public static let name = "insertNonlinearity"
    public static let summary = "An activation between layers with weights that have none between them"
    public static let fields = [
        Field(
            "activation", \Self.activation, "the activation",
            accepting: "the name of an activation, or {name: {settings}}",
            where: { $0.specification.isElementwiseActivation })
    ]

    public init() {}

    public init(_ activation: any LayerSpecification) { self.activation = LayerChoice(activation) }

    public var why: String { "only with a nonlinear function between them are two layers worth more than one" }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        guard let model = experiment.model else { return nil }
        return experiment.with(model: model.editingHidden { layers, output in inserted(layers, output) })
    }

    private func inserted(
        _ layers: [any LayerSpecification], _ output: (any LayerSpecification)?
    ) -> [any LayerSpecification] {
        var result: [any LayerSpecification] = []
        // Where an activation would stand, if another linear map came.
        var place: Int?
        for layer in layers {
            if layer.isLinearMap {
                if let place { result.insert(activation.specification, at: place) }
                result.append(layer)
                place = result.count
                continue
            }
            result.append(layer)
            if place == result.count - 1, layer.isNormalization { place = result.count }
            if layer.isNonlinear { place = nil }
        }
        if let place, output?.isLinearMap ?? false { result.insert(activation.specification, at: place) }
        return result
    }

    public var alternatives: [Self] { [Self(), Self(TanhSpecification())].filter { $0 != self } }
}

extension LayerSpecification {
    /// Whether it keeps what is before it and what is after it from being one linear map.
    fileprivate var isNonlinear: Bool {
        switch self {
        case is BatchNormSpecification, is FlattenSpecification, is ReshapeSpecification,
            is AvgPoolSpecification<OneAxis>, is AvgPoolSpecification<TwoAxes>, is AvgPoolSpecification<ThreeAxes>,
            is AdaptivePoolSpecification<Average, OneAxis>, is AdaptivePoolSpecification<Average, TwoAxes>,
            is AdaptivePoolSpecification<Average, ThreeAxes>, is GlobalPoolSpecification<Average>:
            false
        default: Self.kind != .regularization && !isLinearMap
        }
    }
}
