import EspalierGraph
import EspalierSpec

/// Squared for small differences d = prediction - target and linear for large ones; the mean over a sample's outputs.
///
///     d^2 / 2                         where |d| <= delta
///     delta (|d| - delta / 2)         elsewhere
///
/// Shapes: both [N, width], loss [N]. delta 1 as PyTorch's `HuberLoss`; it is in the unit of the targets.
///
/// Use it for values with outliers. With a delta below most errors it is the absolute error, above all of them half of
/// the squared one.
///
/// Source: Huber 1964, "Robust estimation of a location parameter".
public struct HuberLoss: Loss {
    /// Where the parabola ends.
    public var delta = 1.0

    public static let name = "huber"
    public static let summary = "Squared for small differences, linear for large ones"
    public static let fields = [Field("delta", \Self.delta, "difference from which on it is linear", in: .positive)]
    public static let target = TargetKind.values

    public init() {}

    public init(delta: Double) { self.delta = delta }

    public func callAsFunction(_ predictions: Tensor, _ targets: Tensor) -> Tensor {
        huber(predictions - targets, delta).meanOfSample()
    }
}

/// Huber's loss divided by beta: d^2 / (2 beta) where |d| < beta, |d| - beta / 2 elsewhere.
///
/// Shapes: both [N, width], loss [N]. Its slope is 1 for large differences, whatever beta; 1 by default as PyTorch's
/// `SmoothL1Loss`. Use it where `huber` would do and the size of gradients should not depend on where the parabola ends.
///
/// Source: Girshick 2015, "Fast R-CNN".
public struct SmoothL1Loss: Loss {
    /// Where the parabola ends.
    public var beta = 1.0

    public static let name = "smoothL1"
    public static let summary = "Absolute difference, rounded off at zero"
    public static let fields = [Field("beta", \Self.beta, "difference from which on it is linear", in: .positive)]
    public static let target = TargetKind.values

    public init() {}

    public init(beta: Double) { self.beta = beta }

    public func callAsFunction(_ predictions: Tensor, _ targets: Tensor) -> Tensor {
        (huber(predictions - targets, beta) / beta).meanOfSample()
    }
}

private func huber(_ d: Tensor, _ delta: Double) -> Tensor {
    let size = d.abs()
    return .select(size .<= Tensor(delta), 0.5 * d.squared(), delta * (size - 0.5 * delta))
}
