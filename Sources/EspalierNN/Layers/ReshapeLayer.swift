import EspalierGraph
import EspalierSpec

/// Each sample under another shape, its values in the same order: [N, ...] becomes [N, shape...].
///
/// Use it where data comes flat that has axes, such as images out of a table; not to exchange axes, as the order of
/// values stays.
public final class ReshapeLayer: Layer {
    /// The shape of one sample as it leaves.
    public let shape: Shape

    /// - Parameter shape: The shape of one sample as it leaves, with as many values as arrive.
    public init(_ shape: Shape) { self.shape = shape }

    public func forward(_ x: Tensor) -> Tensor {
        x.reshaped(to: Shape(x.shape.dimensions.prefix(1) + shape.dimensions))
    }

    public var description: String { "Reshape(\(shape))" }
}

/// `reshape: {shape: [1, 8, 8]}` in a configuration.
public struct ReshapeSpecification: LayerSpecification {
    /// The shape of one sample as it leaves.
    public var shape: [Int] = []

    public static let kind = LayerKind.layer
    public static let name = "reshape"
    public static let summary = "Each sample under another shape, its values in the same order"
    public static let fields = [
        Field(
            "shape", \Self.shape, "extents of a sample, without the batch axis", required: true,
            accepting: "a list of whole numbers of at least 1", where: { $0.allSatisfy { $0 >= 1 } })
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        // Divided rather than multiplied, so that no extents overflow.
        let rest = shape.reduce(context.input.count) { $0 % $1 == 0 ? $0 / $1 : 0 }
        guard rest == 1 else {
            throw EspalierError(
                "samples of \(context.input) have \(context.input.count) values, which do not fill \(shape)",
                expected: "extents whose product is \(context.input.count)")
        }
        return ReshapeLayer(Shape(shape))
    }
}
