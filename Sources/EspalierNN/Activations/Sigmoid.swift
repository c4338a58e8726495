import EspalierGraph
import EspalierSpec

/// The logistic function, from 0 to 1.
///
/// y = 1 / (1 + exp(-x)); dy/dx = y (1 - y), at most 1/4.
///
/// Use it for gates and for the probability of yes; not between the layers of a deep network: it lets at most a quarter
/// of the gradient through, and all its values are positive.
///
/// Source: Rumelhart, Hinton and Williams 1986, "Learning representations by back-propagating errors".
public final class Sigmoid: Activation {
    public init() {}

    public func forward(_ x: Tensor) -> Tensor { x.sigmoid() }

    /// Around zero the function is nearly linear, as Xavier's derivation assumes.
    public var matchingInitializer: any Initializer { XavierUniform() }

    public var saturation: Saturation { .sigmoid }
}

/// `sigmoid` in a configuration.
public struct SigmoidSpecification: LayerSpecification {
    public static let kind = LayerKind.activation
    public static let name = "sigmoid"
    public static let summary = "1 / (1 + exp(-x))"
    public static let fields: [Field<Self>] = []

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { Sigmoid() }
}
