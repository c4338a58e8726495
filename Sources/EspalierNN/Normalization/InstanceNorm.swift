import EspalierGraph
import EspalierSpec

/// Standardises each channel of each sample over its places, then may scale and shift it:
/// y = gamma (x - mean) / sqrt(variance + eps) + beta.
///
/// Mean and (biased) variance are those of one channel of one sample, in training and in inference. With
/// `tracksStatistics` training also updates `runningMean` and `runningVariance` (unbiased, both averaged over the
/// samples) as `BatchNorm` does, and inference uses these.
///
/// Shapes: x [N, C, L], [N, C, H, W] or [N, C, D, H, W]; everything else [C]. Defaults are PyTorch's
/// (`InstanceNorm1d`, `2d`, `3d`): no scale and shift, no running statistics.
///
/// Source: Ulyanov, Vedaldi and Lempitsky 2016, "Instance normalization: the missing ingredient for fast stylization".
///
/// Use it to take the style out of images, in generators; not for classifiers, where a channel's mean and contrast say
/// something.
public final class InstanceNorm: ModeDependent {
    /// gamma; nothing without `affine`.
    public let weight: Parameter?
    /// beta; nothing without `affine`.
    public let bias: Parameter?
    /// Nothing without `tracksStatistics`.
    public let runningMean: Statistic?
    /// Nothing without `tracksStatistics`.
    public let runningVariance: Statistic?
    /// Added to the variance.
    public let eps: Double
    /// Weight of the batch in the running statistics.
    public let momentum: Double
    /// Extent of the second axis of x.
    public let channels: Int
    public var mode = Mode.inference

    /// - Parameters:
    ///   - channels: Extent of the second axis of x.
    ///   - eps: Added to the variance; 1e-5 as PyTorch.
    ///   - momentum: Weight of the batch in the running statistics; 0.1 as PyTorch.
    ///   - affine: Whether gamma and beta are learned.
    ///   - tracksStatistics: Whether inference uses statistics that training has gathered.
    public init(
        _ channels: Int, eps: Double = 1e-5, momentum: Double = 0.1, affine: Bool = false,
        tracksStatistics: Bool = false
    ) {
        self.channels = channels
        self.eps = eps
        self.momentum = momentum
        weight = affine ? Parameter([channels], Ones(), role: .normalization) : nil
        bias = affine ? Parameter([channels], Zeros(), role: .normalization) : nil
        runningMean = tracksStatistics ? Statistic([channels], start: 0, name: "running_mean") : nil
        runningVariance = tracksStatistics ? Statistic([channels], start: 1, name: "running_var") : nil
    }

    public func forward(_ x: Tensor) -> Tensor {
        precondition(
            x.rank >= 3 && x.shape[1] == channels,
            "instance normalization takes [N, \(channels), ...] with an axis of places, and \(x.shape) arrives")
        let places = Array(2..<x.rank), count = x.count / (x.shape[0] * channels)
        var y: Tensor
        if mode == .inference, let runningMean, let runningVariance {
            let inverse = (runningVariance.wrappedValue + eps).rsqrt()
            y = (x - runningMean.wrappedValue.perChannel(of: x)) * inverse.perChannel(of: x)
        } else {
            precondition(count > 1, "instance normalization needs more than one value per channel: \(x.shape)")
            y = x.standardized(axes: places, eps: eps)
        }
        if mode == .training, let runningMean, let runningVariance {
            let unbiased = x.variance(axes: places).mean(axes: [0]) * (Double(count) / Double(count - 1))
            runningMean.wrappedValue = runningMean.wrappedValue * (1 - momentum) + x.mean(axes: [0] + places) * momentum
            runningVariance.wrappedValue = runningVariance.wrappedValue * (1 - momentum) + unbiased * momentum
        }
        return y.scaled(weight, bias)
    }

    public var description: String {
        let affine = weight == nil ? "" : ", affine: true"
        return "InstanceNorm(\(channels)\(affine)\(runningMean == nil ? "" : ", tracksStatistics: true")\(mode.suffix))"
    }
}

/// `instanceNorm` in a configuration.
public struct InstanceNormSpecification: LayerSpecification {
    public var eps = 1e-5
    public var momentum = 0.1
    public var affine = false
    public var trackRunningStatistics = false

    public static let kind = LayerKind.normalization
    public static let name = "instanceNorm"
    public static let summary = "Standardises each channel of each sample over its places"
    public static let fields = [
        Field("eps", \Self.eps, "added to the variance", in: .positive),
        Field(
            "momentum", \Self.momentum, "weight of the batch in the running statistics (Keras: one minus this)",
            in: 0...1),
        Field("affine", \Self.affine, "whether scale and shift are learned"),
        Field(
            "trackRunningStatistics", \Self.trackRunningStatistics,
            "whether inference uses statistics that training has gathered"),
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        guard context.input.rank >= 2, context.input.dimensions.dropFirst().reduce(1, *) > 1 else {
            throw EspalierError(
                "instanceNorm takes samples with channels of several values, and \(context.input) arrives",
                expected: "samples of shape [channels, ...] with more than one value a channel",
                fix: "layerNorm or batchNorm for samples of one axis")
        }
        return InstanceNorm(
            context.input[0], eps: eps, momentum: momentum, affine: affine, tracksStatistics: trackRunningStatistics)
    }
}
