import EspalierGraph
import EspalierSpec

/// The sigmoid linear unit, also called swish.
///
/// y = x / (1 + exp(-x)).
///
/// Source: Hendrycks and Gimpel 2016, "Gaussian error linear units (GELUs)"; Ramachandran, Zoph and Le 2017, "Searching
/// for activation functions".
///
/// Use it in deep convolutional networks and transformers; not where exact zeros are wanted, or where time counts.
public final class SiLU: Activation {
    public init() {}

    public func forward(_ x: Tensor) -> Tensor { x.silu() }

    /// Like ReLU it lets about half of the variance through.
    public var matchingInitializer: any Initializer { HeNormal() }

    /// Downwards the slope vanishes, through negative values; so it is flat, but never dead.
    public var saturation: Saturation { Saturation(below: -3.929_89) }
}

/// `silu` in a configuration.
public struct SiLUSpecification: LayerSpecification {
    public static let kind = LayerKind.activation
    public static let name = "silu"
    public static let summary = "x / (1 + exp(-x)), also called swish"
    public static let fields: [Field<Self>] = []

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { SiLU() }
}
