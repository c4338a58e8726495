import EspalierGraph
import EspalierSpec

/// While training, adds a normal number of mean 0 to each value; the identity otherwise.
///
/// Shapes: any. The standard deviation is in the unit of the values; 0.1 by default, this project's choice for inputs of
/// variance 1.
///
/// Use it on inputs of about one scale: for a linear model it is an L2 penalty. Not before a normalisation that takes
/// the noise for data.
///
/// Source: Bishop 1995, "Training with noise is equivalent to Tikhonov regularization".
public final class GaussianNoise: ModeDependent {
    /// The standard deviation.
    public let std: Double
    public var mode = Mode.inference
    @Randomness private var random

    /// - Parameter std: The standard deviation, at least 0.
    public init(std: Double = 0.1) {
        precondition(std >= 0, "gaussianNoise: a standard deviation is at least 0, not \(std)")
        self.std = std
    }

    public func forward(_ x: Tensor) -> Tensor {
        mode == .training && std > 0 ? x + std * random.normal(x.shape) : x
    }

    public var description: String { "GaussianNoise(std: \(std)\(mode.suffix))" }
}

/// `gaussianNoise: {std: 0.1}` in a configuration.
public struct GaussianNoiseSpecification: LayerSpecification {
    public var std = 0.1

    public static let kind = LayerKind.regularization
    public static let name = "gaussianNoise"
    public static let summary = "Adds a normal number to each value while training"
    public static let fields = [Field("std", \Self.std, "standard deviation", in: 0...)]

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { GaussianNoise(std: std) }
}
