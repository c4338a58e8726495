import EspalierGraph
import EspalierSpec

/// Values along an axis as probabilities: positive, and one in sum.
///
/// y_i = exp(x_i) / sum_j exp(x_j).
///
/// Source: Bridle 1990, "Probabilistic interpretation of feedforward classification network outputs".
///
/// Use it for probabilities within a model, and for outputs under a loss on probabilities; not before `crossEntropy`,
/// which is of logits and takes the softmax itself.
public final class SoftmaxLayer: Activation {
    /// The axis of the probabilities; negative ones count from the end.
    public let axis: Int

    /// - Parameter axis: The axis of the probabilities, not that of samples; the last if not given.
    public init(axis: Int = -1) { self.axis = axis }

    public func forward(_ x: Tensor) -> Tensor { x.alongLast(axis) { $0.softmax() } }

    /// Softmax sees differences alone; Xavier keeps them near one, where the probabilities are neither equal nor settled.
    public var matchingInitializer: any Initializer { XavierUniform() }

    /// Bounds on a single input say nothing here: see `isSaturated`.
    public var saturation: Saturation { .never }

    /// All values of an axis together: where one probability is so large that the slope y (1 - y) of none is above 1/20 of
    /// its largest value, 1/4.
    public func isSaturated(_ x: Tensor) -> Tensor {
        x.alongLast(axis) { rows in
            (rows.softmax().max(axes: [-1], keepDimensions: true) .>= 0.987_339_7).broadcast(to: rows.shape)
        }
    }

    public var description: String { axis == -1 ? "Softmax()" : "Softmax(axis: \(axis))" }
}

/// The logarithm of softmax.
///
/// y_i = x_i - log(sum_j exp(x_j)).
///
/// Use it for outputs that are added up as log-likelihoods; not before `crossEntropy`, which takes it itself.
///
/// Source: Bridle 1990, "Probabilistic interpretation of feedforward classification network outputs".
public final class LogSoftmaxLayer: Activation {
    /// The axis of the probabilities; negative ones count from the end.
    public let axis: Int

    /// - Parameter axis: The axis of the probabilities, not that of samples; the last if not given.
    public init(axis: Int = -1) { self.axis = axis }

    public func forward(_ x: Tensor) -> Tensor { x.alongLast(axis) { $0.logSoftmax() } }

    /// As for softmax.
    public var matchingInitializer: any Initializer { XavierUniform() }

    /// The slope of an unlikely class stays near one: that is what the logarithm is for.
    public var saturation: Saturation { .never }

    public var description: String { axis == -1 ? "LogSoftmax()" : "LogSoftmax(axis: \(axis))" }
}

extension Tensor {
    /// `function`, which works along the last axis, along another one.
    fileprivate func alongLast(_ axis: Int, _ function: (Tensor) -> Tensor) -> Tensor {
        guard let axis = shape.axis(axis), axis > 0 else {
            preconditionFailure("softmax along axis \(axis), and \(shape) arrives")
        }
        guard axis < rank - 1 else { return function(self) }
        // Swapping two axes is its own inverse.
        var order = Array(0..<rank)
        order.swapAt(axis, rank - 1)
        return function(transposed(order)).transposed(order)
    }
}

/// `softmax` in a configuration.
public struct SoftmaxSpecification: LayerSpecification {
    public var axis = -1

    public static let kind = LayerKind.activation
    public static let name = "softmax"
    public static let summary = "exp(x) / sum(exp(x)) along an axis: probabilities"
    public static let fields = [
        Field(
            "axis", \Self.axis, "axis of the probabilities: 0 is that of samples, -1 the last", accepting: "any but 0"
        ) {
            $0 != 0
        }
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        _ = try context.axis(axis, of: Self.name)
        return SoftmaxLayer(axis: axis)
    }
}

/// `logSoftmax` in a configuration.
public struct LogSoftmaxSpecification: LayerSpecification {
    public var axis = -1

    public static let kind = LayerKind.activation
    public static let name = "logSoftmax"
    public static let summary = "x - log(sum(exp(x))) along an axis: logarithms of probabilities"
    public static let fields = [
        Field(
            "axis", \Self.axis, "axis of the probabilities: 0 is that of samples, -1 the last", accepting: "any but 0"
        ) {
            $0 != 0
        }
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        _ = try context.axis(axis, of: Self.name)
        return LogSoftmaxLayer(axis: axis)
    }
}
