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
            let marks = layer.linearity
            if let place, marks.first == true { result.insert(activation.specification, at: place) }
            result.append(layer)
            if let last = marks.last {
                place = last ? result.count : nil
            } else if place == result.count - 1, layer.isNormalization {
                place = result.count
            }
        }
        if let place, output?.linearity.first == true { result.insert(activation.specification, at: place) }
        return result
    }

    public var alternatives: [Self] { [Self(), Self(TanhSpecification())].filter { $0 != self } }
}

extension LayerSpecification {
    /// For what it has in order: true for a linear map with weights, false for what is nonlinear; nothing for what lets linear
    /// maps stay one.
    fileprivate var linearity: [Bool] {
        switch self {
        case let block as SequentialSpecification: block.layers.flatMap { $0.specification.linearity }
        case is BatchNormSpecification, is FlattenSpecification, is ReshapeSpecification,
            is AvgPoolSpecification<OneAxis>, is AvgPoolSpecification<TwoAxes>, is AvgPoolSpecification<ThreeAxes>,
            is AdaptivePoolSpecification<Average, OneAxis>, is AdaptivePoolSpecification<Average, TwoAxes>,
            is AdaptivePoolSpecification<Average, ThreeAxes>, is GlobalPoolSpecification<Average>:
            []
        default: isLinearMap ? [true] : Self.kind == .regularization ? [] : [false]
        }
    }
}
