import EspalierGraph
import EspalierSpec

/// A layer whose weight is learned as direction and length: W = g v / |v|, for each index of its first axis.
///
/// That is each output by itself, or for a transposed convolution each input.
///
/// Shapes: v (`parametrizations.weight.original1`) as the layer's weight, g (`parametrizations.weight.original0`) [out, 1,
/// ...], the length of v at the start, so that the layer begins as it would without. The names and the axis, the first, are
/// PyTorch's (`parametrizations.weight_norm`).
///
/// Penalties and constraints on weights fall on v, whose length does not matter; `on: all` reaches g.
///
/// Source: Salimans and Kingma 2016, "Weight normalization".
///
/// Use it for recurrent, generative and reinforcement learning, where statistics of a batch disturb; not beside batch
/// normalisation, which takes the length away again.
public final class WeightNorm: Reparametrization {
    public let layer: any Layer
    private let learned: Reparametrized

    /// - Parameter layer: A linear layer, a convolution or an embedding.
    /// - Throws: `EspalierError` for a layer of another kind.
    public init(_ layer: any Layer) throws {
        self.layer = layer
        learned = try Reparametrized(layer, as: "parametrizations.weight.original1") { weight in
            let lengths = Parameter(
                weight.shape.keeping(Array(1..<weight.shape.rank)), Ones(), role: .normalization)
            return [("parametrizations.weight.original0", lengths)]
        }
    }

    public func forward(_ x: Tensor) -> Tensor {
        let v = learned.weight.tensor
        return learned.weight.replaced(by: v * (length.tensor / norm(v))) { layer(x) }
    }

    /// g.
    private var length: Parameter.Slot { learned.parameters[learned.parameters.count - 2].parameter.projectedValue }

    private func norm(_ v: Tensor) -> Tensor {
        v.squared().sum(axes: Array(1..<v.rank), keepDimensions: true).sqrt()
    }

    func firstValues(key: RandomKey) -> [(path: String, value: Tensor)] {
        [(length.path, norm(learned.weight.tensor))]
    }

    public var description: String { "WeightNorm(\(layer))" }
}

/// `weightNorm: {layer: {linear: {units: 5}}}` in a configuration.
public struct WeightNormSpecification: LayerSpecification {
    public var layer = LayerChoice(LinearSpecification())

    public static let kind = LayerKind.normalization
    public static let name = "weightNorm"
    public static let summary = "A layer whose weight is learned as direction and length: W = g v / |v|"
    public static let fields = [
        Field("layer", \Self.layer, "a linear layer, a convolution or an embedding", required: true)
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        try WeightNorm(context.makeLayer(layer, setting: "\(Self.name).layer"))
    }
}
