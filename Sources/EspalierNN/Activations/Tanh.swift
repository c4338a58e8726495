import EspalierGraph
import EspalierSpec

/// The hyperbolic tangent, from -1 to 1.
///
/// y = tanh(x); dy/dx = 1 - y^2.
///
/// Use it in recurrent cells and shallow networks, as its values lie around zero; not in deep ones without
/// normalisation, where it saturates at both ends.
///
/// Source: LeCun, Bottou, Orr and Müller 1998, "Efficient BackProp".
public final class Tanh: Activation {
    public init() {}

    public func forward(_ x: Tensor) -> Tensor { x.tanh() }

    /// Around zero the function is nearly the identity, as Xavier's derivation assumes.
    public var matchingInitializer: any Initializer { XavierUniform() }

    /// tanh(x) = 2 sigmoid(2 x) - 1.
    public var saturation: Saturation { Saturation(below: -2.178_276, above: 2.178_276) }
}

/// `tanh` in a configuration.
public struct TanhSpecification: LayerSpecification {
    public static let kind = LayerKind.activation
    public static let name = "tanh"
    public static let summary = "(exp(x) - exp(-x)) / (exp(x) + exp(-x))"
    public static let fields: [Field<Self>] = []

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { Tanh() }
}
