import EspalierGraph
import EspalierSpec

/// From -1 to 1 like the hyperbolic tangent, but approached as slowly as 1/|x|.
///
/// y = x / (1 + |x|); dy/dx = 1 / (1 + |x|)^2.
///
/// Source: Turian, Bergstra and Bengio 2009, "Quadratic features and deep architectures for chunking".
///
/// Use it for shallow networks that tanh saturates; not for deep ones, where what falls off as 1/x^2 vanishes all the
/// same.
public final class Softsign: Activation {
    public init() {}

    public func forward(_ x: Tensor) -> Tensor { x / (1 + x.abs()) }

    /// Around zero the function is nearly the identity, as Xavier's derivation assumes.
    public var matchingInitializer: any Initializer { XavierUniform() }

    /// 1 + |x| = sqrt(20).
    public var saturation: Saturation { Saturation(below: -3.472_136, above: 3.472_136) }
}

/// `softsign` in a configuration.
public struct SoftsignSpecification: LayerSpecification {
    public static let kind = LayerKind.activation
    public static let name = "softsign"
    public static let summary = "x / (1 + |x|)"
    public static let fields: [Field<Self>] = []

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { Softsign() }
}
