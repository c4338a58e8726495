import Espalier

/// The largest of several linear maps, for each unit: y_u = max_k (x W_k^T + b_k)_u.
///
/// Shapes: x [N, in], W (`map.weight`) [pieces units, in], y [N, units].
///
/// Source: Goodfellow, Warde-Farley, Mirza, Courville and Bengio 2013, "Maxout networks".
final class Maxout: Layer {
    let map: Linear
    private let pieces: Int

    init(_ inputs: Int, _ units: Int, pieces: Int) {
        map = Linear(inputs, pieces * units, initializer: HeNormal())
        self.pieces = pieces
    }

    func forward(_ x: Tensor) -> Tensor {
        let y = map(x)
        return y.reshaped(to: [x.shape[0], pieces, y.shape[1] / pieces]).max(axes: [1])
    }
}

/// `maxout: {units: 32, pieces: 3}` in a configuration.
struct MaxoutSpecification: LayerSpecification {
    var units = 1
    var pieces = 2

    static let kind = LayerKind.layer
    static let name = "maxout"
    static let summary = "The largest of several linear maps, for each unit"
    static let fields = [
        Field("units", \Self.units, "outputs", required: true, in: 1...),
        Field("pieces", \Self.pieces, "linear maps for each output", in: 2...),
    ]

    func makeLayer(_ context: LayerContext) throws -> any Layer {
        guard context.input.rank == 1 else {
            throw EspalierError("maxout takes samples of one axis", fix: "put flatten before it")
        }
        return Maxout(context.input[0], units, pieces: pieces)
    }
}
