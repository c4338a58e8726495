import EspalierGraph
import EspalierSpec

/// All axes of a sample in one: [N, ...] becomes [N, count].
///
/// Use it between convolutions and linear layers of small images; not for large ones, where `globalAvgPool` leaves far
/// fewer weights.
public final class Flatten: Layer {
    public init() {}

    public func forward(_ x: Tensor) -> Tensor { x.flattened(from: 1) }
}

/// `flatten` in a configuration.
public struct FlattenSpecification: LayerSpecification {
    public static let kind = LayerKind.layer
    public static let name = "flatten"
    public static let summary = "All axes of a sample in one"
    public static let fields: [Field<Self>] = []

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { Flatten() }
}
