import EspalierGraph
import EspalierSpec

/// What is above a threshold as it is, all else as one value: PyTorch's `Threshold`.
///
/// y = x above the threshold, else the value; the derivative at the threshold is zero.
///
/// Source: Konda, Memisevic and Krueger 2015, "Zero-bias autoencoders and the benefits of co-adapting features", from
/// which the threshold of 1 and the value 0 are.
///
/// Use it for sparse codes of autoencoders; not as a general activation: what is below the threshold learns nothing.
public final class Thresholded: Activation {
    public let threshold: Double
    /// What everything not above the threshold becomes.
    public let value: Double

    /// - Parameters:
    ///   - threshold: What x has to be above to be kept.
    ///   - value: What all else becomes.
    public init(threshold: Double = 1, value: Double = 0) {
        self.threshold = threshold
        self.value = value
    }

    public func forward(_ x: Tensor) -> Tensor {
        // Asked this way round, what is not a number stays so.
        .select(x .<= Tensor(threshold), Tensor(value), x)
    }

    /// Like ReLU it drops at least half of the variance.
    public var matchingInitializer: any Initializer { HeNormal() }

    public var saturation: Saturation { Saturation(below: threshold, isDeadBelow: value == 0) }

    public var description: String { "Thresholded(\(threshold), \(value))" }
}

/// `thresholded` in a configuration.
public struct ThresholdedSpecification: LayerSpecification {
    public var threshold = 1.0
    public var value = 0.0

    public static let kind = LayerKind.activation
    public static let name = "thresholded"
    public static let summary = "x above the threshold, else a fixed value"
    public static let fields = [
        Field("threshold", \Self.threshold, "what x has to be above to be kept"),
        Field("value", \Self.value, "what all else becomes"),
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { Thresholded(threshold: threshold, value: value) }
}
