import EspalierGraph
import EspalierSpec

/// The exponential function: what makes a positive number of any.
///
/// y = exp(x).
///
/// Source: the inverse of the logarithmic link of generalised linear models (Nelder and Wedderburn 1972).
///
/// Use it for outputs that are rates, counts or variances; not between layers: it grows without bounds, and its slope
/// with it.
public final class Exponential: Activation {
    public init() {}

    public func forward(_ x: Tensor) -> Tensor { x.exp() }

    /// Around zero the slope is one, as Xavier's derivation assumes.
    public var matchingInitializer: any Initializer { XavierUniform() }

    /// There is no steepest slope: it is compared with that at zero.
    public var saturation: Saturation { Saturation(below: -2.995_732) }
}

/// `exponential` in a configuration.
public struct ExponentialSpecification: LayerSpecification {
    public static let kind = LayerKind.activation
    public static let name = "exponential"
    public static let summary = "exp(x)"
    public static let fields: [Field<Self>] = []

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { Exponential() }
}
