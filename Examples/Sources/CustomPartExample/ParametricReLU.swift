import Espalier

/// A rectified linear unit whose slope below zero is learned, one for each feature.
///
/// y = max(x, 0) + a min(x, 0). Shapes: x [N, features], a (`slope`) [features].
///
/// Source: He, Zhang, Ren and Sun 2015, "Delving deep into rectifiers"; the slopes start at 1/4 as there.
final class ParametricReLU: Activation {
    @Parameter var slope: Tensor

    init(_ features: Int) {
        _slope = Parameter([features], ConstantInitializer(0.25), role: .activation)
    }

    func callAsFunction(_ x: Tensor) -> Tensor { x.relu() - slope * (-x).relu() }

    var matchingInitializer: any Initializer { HeNormal() }
    var saturation: Saturation { .never }
}

/// `parametricReLU` in a configuration.
struct ParametricReLUSpecification: LayerSpecification {
    static let kind = LayerKind.activation
    static let name = "parametricReLU"
    static let summary = "max(x, 0) + a min(x, 0) with learned a"
    static let fields: [Field<Self>] = []

    func makeLayer(_ context: LayerContext) throws -> any Layer {
        guard context.input.rank == 1 else {
            throw EspalierError("parametricReLU takes samples of one axis", fix: "put flatten before it")
        }
        return ParametricReLU(context.input[0])
    }
}
