import EspalierGraph
import EspalierSpec

/// The Gaussian error linear unit: x times the probability that a standard normal number is below x.
///
/// y = x/2 (1 + erf(x / sqrt(2))), or its approximation x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
///
/// Source: Hendrycks and Gimpel 2016, "Gaussian error linear units (GELUs)".
///
/// Use it in transformers; not where time counts and ReLU does as well.
public final class GELU: Activation {
    /// How it is computed.
    public let approximation: GELUApproximation

    /// - Parameter approximation: How it is computed; exactly if not given, as PyTorch.
    public init(_ approximation: GELUApproximation = .none) { self.approximation = approximation }

    public func forward(_ x: Tensor) -> Tensor { x.gelu(approximation) }

    /// Like ReLU it lets about half of the variance through.
    public var matchingInitializer: any Initializer { HeNormal() }

    /// Downwards the slope vanishes, through negative values; so it is flat, but never dead.
    public var saturation: Saturation { Saturation(below: approximation == .none ? -2.278_56 : -2.285_70) }

    public var description: String { approximation == .none ? "GELU()" : "GELU(\(approximation.rawValue))" }
}

extension GELUApproximation: ConfigurationRepresentable {}

/// `gelu` in a configuration.
public struct GELUSpecification: LayerSpecification {
    public var approximation = GELUApproximation.none

    public static let kind = LayerKind.activation
    public static let name = "gelu"
    public static let summary = "x times the probability that a standard normal number is below x"
    public static let fields = [
        Field("approximation", \Self.approximation, "none computes it exactly, tanh by the hyperbolic tangent")
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { GELU(approximation) }
}
