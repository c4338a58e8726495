import EspalierGraph
import EspalierSpec

/// While training, multiplies each value by a normal number of mean 1 and variance p / (1 - p); the identity otherwise.
///
/// That is the variance of dropout's own factor, so p means as much as there. Shapes: any; 0.5 as for dropout.
///
/// Use it instead of dropout where zeros are unwelcome. It does about as well; neither is better in general.
///
/// Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014, section 10.
public final class GaussianDropout: ModeDependent {
    /// The share of dropout that varies as much.
    public let p: Double
    public var mode = Mode.inference
    @Randomness private var random

    /// - Parameter p: The share of dropout that varies as much, from 0 to below 1.
    public init(p: Double = 0.5) {
        precondition((0..<1).contains(p), "gaussianDropout: p is from 0 to below 1, not \(p)")
        self.p = p
    }

    public func forward(_ x: Tensor) -> Tensor {
        guard mode == .training, p > 0 else { return x }
        return x * (1 + (p / (1 - p)).squareRoot() * random.normal(x.shape))
    }

    public var description: String { "GaussianDropout(p: \(p)\(mode.suffix))" }
}

/// `gaussianDropout: {p: 0.2}` in a configuration.
public struct GaussianDropoutSpecification: LayerSpecification {
    public var p = 0.5

    public static let kind = LayerKind.regularization
    public static let name = "gaussianDropout"
    public static let summary = "Multiplies each value by a normal number of mean 1 while training"
    public static let fields = [
        Field("p", \Self.p, "share of dropout that varies as much: variance p / (1 - p)", in: 0..<1)
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { GaussianDropout(p: p) }
}
