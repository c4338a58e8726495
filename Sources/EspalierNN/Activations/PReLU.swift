import EspalierGraph
import EspalierSpec

/// Leaky ReLU that learns its slope, one for all or one for each channel.
///
/// y = x above zero, a x otherwise; the derivative at zero is a.
///
/// Shapes: x [N, ...], or [N, C, ...] with a slope for each channel; a (`weight`) [1] or [C]. Penalties on weights leave a
/// alone: they would push it towards ReLU.
///
/// Source: He, Zhang, Ren and Sun 2015, "Delving deep into rectifiers"; a starts at 0.25 as there and in PyTorch.
///
/// Use it for large data; not for small, where a slope per channel is one more thing to learn by heart.
public final class PReLU: Activation {
    @Parameter public var weight: Tensor
    /// Before the first step.
    public let initialSlope: Double

    /// - Parameters:
    ///   - channels: Extent of the second axis of x, for a slope each; one slope for all if not given, as PyTorch.
    ///   - initialSlope: Before the first step; 0.25 as PyTorch.
    public init(channels: Int? = nil, initialSlope: Double = 0.25) {
        self.initialSlope = initialSlope
        _weight = Parameter([channels ?? 1], ConstantInitializer(initialSlope), role: .activation)
    }

    public func forward(_ x: Tensor) -> Tensor {
        let count = weight.count
        precondition(
            count == 1 || x.rank >= 2 && x.shape[1] == count, "pReLU of \(count) channels, and \(x.shape) arrives")
        let slope = count == 1 ? weight.reshaped(to: []) : weight.perChannel(of: x)
        return .select(x .> 0, x, x * slope)
    }

    /// At the start it lets (1 + a^2) / 2 of the variance through.
    public var matchingInitializer: any Initializer { HeNormal(slope: initialSlope) }

    public var saturation: Saturation { .never }

    public var description: String { "PReLU(\(weight.count == 1 ? "" : "\(weight.count)"))" }
}

/// `pReLU` in a configuration.
public struct PReLUSpecification: LayerSpecification {
    public var perChannel = false
    public var initialSlope = 0.25

    public static let kind = LayerKind.activation
    public static let name = "pReLU"
    public static let summary = "x above zero, a x below: a is learned"
    public static let fields = [
        Field("perChannel", \Self.perChannel, "whether each channel has a slope of its own"),
        Field("initialSlope", \Self.initialSlope, "slope before the first step", in: 0...),
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        guard perChannel else { return PReLU(initialSlope: initialSlope) }
        guard let channels = context.input.dimensions.first else {
            throw EspalierError(
                "pReLU has a slope for each channel, and single values arrive", fix: "perChannel: false")
        }
        return PReLU(channels: channels, initialSlope: initialSlope)
    }
}
