import EspalierGraph
import EspalierSpec

/// The logistic function in three straight pieces.
///
/// y = 0 up to -3, 1 from 3 on, x/6 + 1/2 between; the derivative at both bends is zero.
///
/// Source: Courbariaux, Bengio and David 2015, "BinaryConnect"; these slopes are of Howard et al. 2019, "Searching for
/// MobileNetV3".
///
/// Use it for gates where exponentials are dear; not as an output for probabilities: it says 0 and 1, whose logarithm
/// is no number.
public final class HardSigmoid: Activation {
    public init() {}

    public func forward(_ x: Tensor) -> Tensor { x.clamped(-3, 3) / 6 + 0.5 }

    /// Around zero the function is linear, as Xavier's derivation assumes.
    public var matchingInitializer: any Initializer { XavierUniform() }

    public var saturation: Saturation { .dead(below: -3, saturatedAbove: 3) }
}

/// `hardSigmoid` in a configuration.
public struct HardSigmoidSpecification: LayerSpecification {
    public static let kind = LayerKind.activation
    public static let name = "hardSigmoid"
    public static let summary = "0 up to -3, 1 from 3 on, x/6 + 1/2 between"
    public static let fields: [Field<Self>] = []

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { HardSigmoid() }
}
