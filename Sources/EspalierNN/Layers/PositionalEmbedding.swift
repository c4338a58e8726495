import EspalierGraph
import EspalierSpec

/// A learned vector for each position, added to what is there: y = x + W.
///
/// Shapes: x [N, S, units], W (`weight`) [length, units] of which the first S are used, y [N, S, units].
///
/// Source: Gehring, Auli, Grangier, Yarats and Dauphin 2017, "Convolutional sequence to sequence learning".
///
/// Use it before attention, which does not know the order of steps; not for sequences longer than those of the
/// training.
public final class PositionalEmbedding: Layer {
    @Parameter public var weight: Tensor

    /// - Parameters:
    ///   - length: Positions at most.
    ///   - units: Values at a position.
    ///   - initializer: Of the vectors; normal with standard deviation 0.02 (Radford et al. 2018).
    public init(_ length: Int, _ units: Int, initializer: any Initializer = Normal(std: 0.02)) {
        _weight = Parameter([length, units], initializer)
    }

    public func forward(_ x: Tensor) -> Tensor {
        precondition(
            x.rank == 3 && x.shape[1] <= weight.shape[0] && x.shape[2] == weight.shape[1],
            "positional embedding of up to \(weight.shape[0]) positions of \(weight.shape[1]), and \(x.shape) arrives")
        return x + weight.slice(0..<x.shape[1])
    }

    public var description: String { "PositionalEmbedding(\(weight.shape[0]), \(weight.shape[1]))" }
}

/// `positionalEmbedding` in a configuration.
public struct PositionalEmbeddingSpecification: LayerSpecification {
    /// Of the vectors.
    public var initializer = InitializerChoice(Normal(std: 0.02))

    public static let kind = LayerKind.layer
    public static let name = "positionalEmbedding"
    public static let summary = "Adds a learned vector for each position to [length, units]"
    public static let fields = [Field("initializer", \Self.initializer, "of the vectors")]

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        let (length, units) = try context.sequence(Self.name)
        try context.checkSize(length, units)
        return PositionalEmbedding(length, units, initializer: initializer.initializer)
    }
}
