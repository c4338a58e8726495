import EspalierGraph
import EspalierSpec

/// x times the hyperbolic tangent of softplus: smooth, and slightly negative below zero.
///
/// y = x tanh(log(1 + exp(x))).
///
/// Source: Misra 2020, "Mish: a self regularized non-monotonic activation function".
///
/// Use it for deep convolutional networks where SiLU would do too; not where time counts: it takes three elementary
/// functions.
public final class Mish: Activation {
    public init() {}

    public func forward(_ x: Tensor) -> Tensor { x * x.softplus().tanh() }

    /// Like ReLU it lets about half of the variance through.
    public var matchingInitializer: any Initializer { HeNormal() }

    /// Downwards the slope vanishes, through negative values; so it is flat, but never dead.
    public var saturation: Saturation { Saturation(below: -3.981_25) }
}

/// `mish` in a configuration.
public struct MishSpecification: LayerSpecification {
    public static let kind = LayerKind.activation
    public static let name = "mish"
    public static let summary = "x tanh(log(1 + exp(x)))"
    public static let fields: [Field<Self>] = []

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { Mish() }
}
