import EspalierGraph
import EspalierSpec

/// While training, sets each channel of each sample to zero with probability p and divides the others by 1 - p; the
/// identity otherwise.
///
/// Shapes: x [N, C, ...], of any number of spatial axes. p is the share dropped, 0.5 as PyTorch's `Dropout2d`.
///
/// Use it after convolutions: neighbouring places of a channel say much the same, so that dropping single ones takes
/// little away. On samples without spatial axes it is `dropout`.
///
/// Source: Tompson, Goroshin, Jain, LeCun and Bregler 2015, "Efficient object localization using convolutional networks".
public final class Dropout2d: ModeDependent {
    /// The share of channels that is dropped.
    public let p: Double
    public var mode = Mode.inference
    @Randomness private var random

    /// - Parameter p: The share dropped, from 0 to below 1.
    public init(p: Double = 0.5) {
        precondition((0..<1).contains(p), "dropout2d: p is the share dropped, from 0 to below 1, not \(p)")
        self.p = p
    }

    public func forward(_ x: Tensor) -> Tensor {
        mode == .training ? x.dropped(p, by: random, axes: 2) : x
    }

    public var description: String { "Dropout2d(p: \(p)\(mode.suffix))" }
}

/// `dropout2d: {p: 0.2}` in a configuration.
public struct Dropout2dSpecification: LayerSpecification {
    public var p = 0.5

    public static let kind = LayerKind.regularization
    public static let name = "dropout2d"
    public static let summary = "Zeroes whole channels with probability p while training, and scales the others"
    public static let fields = [Field("p", \Self.p, "share of the channels dropped", in: 0..<1)]

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        guard context.input.rank > 0 else {
            throw EspalierError("dropout2d takes samples with a channel axis, and single values arrive")
        }
        return Dropout2d(p: p)
    }
}

extension Tensor {
    /// Zero with probability p and divided by 1 - p otherwise, one draw for all elements that agree on the first `axes`.
    func dropped(_ p: Double, by random: Randomness.Slot, axes: Int) -> Tensor {
        guard p > 0 else { return self }
        let drawn = random.uniform(Shape(shape.dimensions.enumerated().map { $0 < axes ? $1 : 1 }))
        return self * Tensor.select(drawn .>= Tensor(p), Tensor(1 / (1 - p)), 0)
    }
}
