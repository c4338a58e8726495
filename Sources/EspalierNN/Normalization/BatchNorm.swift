import EspalierGraph
import EspalierSpec

/// Standardises each channel over the batch, then scales and shifts it: y = gamma (x - mean) / sqrt(variance + eps) + beta.
///
/// Training takes mean and (biased) variance from the batch, and updates `runningMean` and `runningVariance` (unbiased):
/// running = (1 - momentum) running + momentum batch. That is PyTorch's sense of momentum, 0.1; Keras calls the same
/// thing 0.9. Inference uses the running ones. gamma (`weight`) and beta (`bias`) are learned; the running statistics
/// are measured.
///
/// Shapes: x [N, C] or [N, C, ...]; everything else [C].
///
/// Source: Ioffe and Szegedy 2015, "Batch normalization: accelerating deep network training by reducing internal
/// covariate shift".
///
/// Use it in convolutional networks with batches of 16 samples and more; not with small batches, whose statistics are
/// noise, nor against overfitting, which it was not made for.
public final class BatchNorm: ModeDependent {
    /// gamma; nothing without `affine`.
    public let weight: Parameter?
    /// beta; nothing without `affine`.
    public let bias: Parameter?
    @Statistic public var runningMean: Tensor
    @Statistic public var runningVariance: Tensor
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
    public init(_ channels: Int, eps: Double = 1e-5, momentum: Double = 0.1, affine: Bool = true) {
        self.channels = channels
        self.eps = eps
        self.momentum = momentum
        weight = affine ? Parameter([channels], Ones(), role: .normalization) : nil
        bias = affine ? Parameter([channels], Zeros(), role: .normalization) : nil
        _runningMean = Statistic([channels], start: 0, name: "running_mean")
        _runningVariance = Statistic([channels], start: 1, name: "running_var")
    }

    public func forward(_ x: Tensor) -> Tensor {
        precondition(
            x.rank >= 2 && x.shape[1] == channels, "batch normalization of \(channels) channels, and \(x.shape) arrives"
        )
        let axes = [0] + Array(2..<max(x.rank, 2))
        let y: Tensor
        if mode == .training {
            let samples = x.count / channels
            precondition(samples > 1, "batch normalization needs more than one value per channel: \(x.shape)")
            y = x.standardized(axes: axes, eps: eps)
            let unbiased = x.variance(axes: axes) * (Double(samples) / Double(samples - 1))
            runningMean = runningMean * (1 - momentum) + x.mean(axes: axes) * momentum
            runningVariance = runningVariance * (1 - momentum) + unbiased * momentum
        } else {
            y = (x - runningMean.perChannel(of: x)) * (runningVariance + eps).rsqrt().perChannel(of: x)
        }
        return y.scaled(weight, bias)
    }

    /// How far a batch lies from what the layer infers by.
    ///
    /// Shape [2]: over the channels the mean of (mean - running mean)^2 / running variance, and the mean of log(variance /
    /// running variance).
    package func shift(of x: Tensor) -> Tensor {
        let axes = [0] + Array(2..<x.rank), running = $runningVariance.tensor + eps
        let means = (x.mean(axes: axes) - $runningMean.tensor).squared() / running
        let spreads = ((x.variance(axes: axes) + eps) / running).log()
        return .concatenate([means.mean().reshaped(to: [1]), spreads.mean().reshaped(to: [1])])
    }

    public var description: String {
        "BatchNorm(\(channels)\(weight == nil ? ", affine: false" : "")\(mode.suffix))"
    }
}

/// `batchNorm` in a configuration.
public struct BatchNormSpecification: LayerSpecification {
    public var eps = 1e-5
    public var momentum = 0.1
    public var affine = true

    public static let kind = LayerKind.normalization
    public static let name = "batchNorm"
    public static let summary = "Standardises each channel over the batch, then scales and shifts it"
    public static let fields = [
        Field("eps", \Self.eps, "added to the variance", in: .positive),
        Field(
            "momentum", \Self.momentum, "weight of the batch in the running statistics (Keras: one minus this)",
            in: 0...1),
        Field("affine", \Self.affine, "whether scale and shift are learned"),
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        guard let channels = context.input.dimensions.first else {
            throw EspalierError("batchNorm takes samples with a channel axis, and single values arrive")
        }
        return BatchNorm(channels, eps: eps, momentum: momentum, affine: affine)
    }
}
