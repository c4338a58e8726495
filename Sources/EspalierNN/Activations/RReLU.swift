import EspalierGraph
import EspalierSpec

/// Leaky ReLU whose slope is drawn anew for each element while training.
///
/// y = x above zero, a x otherwise; in training a is uniform in [lower, upper), in inference it is their mean.
///
/// Source: Xu, Wang, Chen and Li 2015, "Empirical evaluation of rectified activations in convolutional network"; slopes
/// from 1/8 to 1/3 as there and in PyTorch.
///
/// Use it for small data, as a mild noise against overfitting; not beside strong dropout, which does the same.
public final class RReLU: Activation, ModeDependent {
    /// The smallest slope.
    public let lower: Double
    /// What every slope is below.
    public let upper: Double
    public var mode = Mode.inference
    @Randomness private var random

    /// - Parameters:
    ///   - lower: The smallest slope; 1/8 as PyTorch.
    ///   - upper: What every slope is below; 1/3 as PyTorch.
    public init(lower: Double = 1.0 / 8, upper: Double = 1.0 / 3) {
        precondition(lower <= upper, "rReLU: slopes from \(lower) to \(upper)")
        self.lower = lower
        self.upper = upper
    }

    public func forward(_ x: Tensor) -> Tensor {
        let slope = mode == .training ? lower + (upper - lower) * random.uniform(x.shape) : Tensor(meanSlope)
        return .select(x .> 0, x, x * slope)
    }

    private var meanSlope: Double { (lower + upper) / 2 }

    /// It lets about (1 + a^2) / 2 of the variance through.
    public var matchingInitializer: any Initializer { HeNormal(slope: meanSlope) }

    public var saturation: Saturation { .never }

    public var description: String { "RReLU(\(lower), \(upper)\(mode.suffix))" }
}

/// `rReLU` in a configuration.
public struct RReLUSpecification: LayerSpecification {
    public var lower = 0.125
    public var upper: Double = 1.0 / 3

    public static let kind = LayerKind.activation
    public static let name = "rReLU"
    public static let summary = "x above zero, a x below: a is random in training, its mean in inference"
    public static let fields = [
        Field("lower", \Self.lower, "smallest slope below zero", in: 0...),
        Field("upper", \Self.upper, "what every slope is below", in: 0...),
    ]

    public init() {}

    public func validate() throws {
        guard lower <= upper else {
            throw EspalierError("rReLU from \(lower) to \(upper) is empty", expected: "lower of at most upper")
        }
    }

    public func makeLayer(_ context: LayerContext) -> any Layer { RReLU(lower: lower, upper: upper) }
}
