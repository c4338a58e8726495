import EspalierGraph
import EspalierSpec

/// The hyperbolic tangent in three straight pieces: values are kept between two bounds.
///
/// y = min(max(x, minimum), maximum); the derivative at both bends is zero.
///
/// Source: Collobert 2004, "Large scale machine learning"; -1 and 1 as PyTorch.
///
/// Use it for cheap bounded values; not for depth: beyond the bounds nothing at all is learned.
public final class HardTanh: Activation {
    public let minimum: Double
    public let maximum: Double

    /// - Parameters:
    ///   - minimum: The smallest value that leaves; -1 as PyTorch.
    ///   - maximum: The largest; 1 as PyTorch.
    public init(minimum: Double = -1, maximum: Double = 1) {
        precondition(minimum < maximum, "hardTanh: from \(minimum) to \(maximum) is empty")
        self.minimum = minimum
        self.maximum = maximum
    }

    public func forward(_ x: Tensor) -> Tensor { x.clamped(minimum, maximum) }

    /// Between the bounds the function is the identity, as Xavier's derivation assumes.
    public var matchingInitializer: any Initializer { XavierUniform() }

    public var saturation: Saturation { Saturation(below: minimum, above: maximum, isDeadBelow: minimum == 0) }

    public var description: String { "HardTanh(\(minimum), \(maximum))" }
}

/// `hardTanh` in a configuration.
public struct HardTanhSpecification: LayerSpecification {
    public var minimum = -1.0
    public var maximum = 1.0

    public static let kind = LayerKind.activation
    public static let name = "hardTanh"
    public static let summary = "min(max(x, minimum), maximum)"
    public static let fields = [
        Field("minimum", \Self.minimum, "smallest value that leaves"),
        Field("maximum", \Self.maximum, "largest value that leaves"),
    ]

    public init() {}

    public func validate() throws {
        guard minimum < maximum else {
            throw EspalierError("hardTanh from \(minimum) to \(maximum) is empty", expected: "minimum below maximum")
        }
    }

    public func makeLayer(_ context: LayerContext) -> any Layer { HardTanh(minimum: minimum, maximum: maximum) }
}
