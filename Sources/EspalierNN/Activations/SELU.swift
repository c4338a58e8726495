import EspalierGraph
import EspalierSpec

/// The scaled exponential linear unit: layer by layer it draws mean and variance towards 0 and 1.
///
/// y = scale x above zero, scale alpha (exp(x) - 1) otherwise. The two constants make mean 0 and variance 1 a fixed point
/// where weights have mean 0 and variance 1 / fan_in, so LeCun's initialisation belongs to it, and `alphaDropout`.
///
/// Source: Klambauer, Unterthiner, Mayr and Hochreiter 2017, "Self-normalizing neural networks".
///
/// Use it for deep networks of linear layers without normalisation; not with residual connections or other
/// initialisers, under which the fixed point is lost.
public final class SELU: Activation {
    public static let alpha = 1.673_263_242_354_377_2
    public static let scale = 1.050_700_987_355_480_5

    public init() {}

    public func forward(_ x: Tensor) -> Tensor {
        x.split(above: { Self.scale * $0 }, below: { Self.scale * Self.alpha * $0.expm1() })
    }

    /// The fixed point is that of weights with variance 1 / fan_in.
    public var matchingInitializer: any Initializer { LeCunNormal() }

    /// It is steepest just below zero: log(1/20).
    public var saturation: Saturation { Saturation(below: -2.995_732) }
}

/// `selu` in a configuration.
public struct SELUSpecification: LayerSpecification {
    public static let kind = LayerKind.activation
    public static let name = "selu"
    public static let summary = "1.0507 x above zero, 1.7581 (exp(x) - 1) below: keeps mean 0 and variance 1"
    public static let fields: [Field<Self>] = []

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { SELU() }
}
