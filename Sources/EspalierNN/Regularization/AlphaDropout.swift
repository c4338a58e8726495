import EspalierGraph
import EspalierSpec

/// While training, sets each value to the one that SELU saturates at with probability p, then scales and shifts all so
/// that mean 0 and variance 1 stay; the identity otherwise.
///
///     y = a (m x + (1 - m) s) + b         m = 1 with probability 1 - p, s = -scale alpha = -1.7581
///     a = ((1 - p) (1 + p s^2))^(-1/2)    b = -a p s
///
/// Shapes: any. p is the share dropped, 0.5 as PyTorch's `AlphaDropout`; the paper uses 0.05 to 0.1.
///
/// Use it with SELU, whose fixed point plain dropout would leave. With other activations use `dropout`.
///
/// Source: Klambauer, Unterthiner, Mayr and Hochreiter 2017, "Self-normalizing neural networks".
public final class AlphaDropout: ModeDependent {
    /// The share of values that is dropped.
    public let p: Double
    public var mode = Mode.inference
    @Randomness private var random

    /// What SELU goes to at minus infinity.
    static let saturation = -1.7580993408473766

    /// - Parameter p: The share dropped, from 0 to below 1.
    public init(p: Double = 0.5) {
        precondition((0..<1).contains(p), "alphaDropout: p is the share dropped, from 0 to below 1, not \(p)")
        self.p = p
    }

    public func forward(_ x: Tensor) -> Tensor {
        guard mode == .training, p > 0 else { return x }
        let s = Self.saturation
        let a = 1 / ((1 - p) * (1 + p * s * s)).squareRoot()
        let b = -a * p * s
        return a * Tensor.select(random.uniform(x.shape) .>= Tensor(p), x, Tensor(s)) + b
    }

    public var description: String { "AlphaDropout(p: \(p)\(mode.suffix))" }
}

/// `alphaDropout: {p: 0.1}` in a configuration.
public struct AlphaDropoutSpecification: LayerSpecification {
    public var p = 0.5

    public static let kind = LayerKind.regularization
    public static let name = "alphaDropout"
    public static let summary = "Dropout for SELU: keeps mean 0 and variance 1"
    public static let fields = [Field("p", \Self.p, "share of the values dropped", in: 0..<1)]

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { AlphaDropout(p: p) }
}
