import EspalierGraph
import EspalierSpec

/// Standardises groups of channels of each sample, then scales and shifts each channel:
/// y = gamma (x - mean) / sqrt(variance + eps) + beta.
///
/// Mean and (biased) variance are those of C / groups neighbouring channels of one sample with all their places, in
/// training and in inference. One group is layer normalisation over (C, ...), C groups is instance normalisation.
///
/// Shapes: x [N, C] or [N, C, ...]; gamma (`weight`) and beta (`bias`) [C].
///
/// Source: Wu and He 2018, "Group normalization".
///
/// Use it for images where batches are small; not where large batches are possible and inference has to be fast, as
/// batch normalisation can be folded away.
public final class GroupNorm: Layer {
    /// gamma; nothing without `affine`.
    public let weight: Parameter?
    /// beta; nothing without `affine`.
    public let bias: Parameter?
    /// How many groups the channels are divided into.
    public let groups: Int
    /// Extent of the second axis of x.
    public let channels: Int
    /// Added to the variance.
    public let eps: Double

    /// - Parameters:
    ///   - groups: How many groups the channels are divided into.
    ///   - channels: Extent of the second axis of x, a multiple of `groups`.
    ///   - eps: Added to the variance; 1e-5 as PyTorch.
    ///   - affine: Whether gamma and beta are learned.
    public init(_ groups: Int, _ channels: Int, eps: Double = 1e-5, affine: Bool = true) {
        precondition(
            groups > 0 && channels % groups == 0,
            "group normalization: \(channels) channels are not divided by \(groups) groups")
        self.groups = groups
        self.channels = channels
        self.eps = eps
        weight = affine ? Parameter([channels], Ones(), role: .normalization) : nil
        bias = affine ? Parameter([channels], Zeros(), role: .normalization) : nil
    }

    public func forward(_ x: Tensor) -> Tensor {
        precondition(
            x.rank >= 2 && x.shape[1] == channels,
            "group normalization of \(channels) channels, and \(x.shape) arrives")
        let grouped = x.reshaped(to: [x.shape[0], groups, x.count / (x.shape[0] * groups)])
        return grouped.standardized(axes: [2], eps: eps).reshaped(to: x.shape).scaled(weight, bias)
    }

    public var description: String { "GroupNorm(\(groups), \(channels)\(weight == nil ? ", affine: false" : ""))" }
}

/// `groupNorm: {groups: 8}` in a configuration.
public struct GroupNormSpecification: LayerSpecification {
    public var groups = 1
    public var eps = 1e-5
    public var affine = true

    public static let kind = LayerKind.normalization
    public static let name = "groupNorm"
    public static let summary = "Standardises groups of channels of each sample, then scales and shifts each channel"
    public static let fields = [
        Field("groups", \Self.groups, "how many groups the channels are divided into", required: true, in: 1...),
        Field("eps", \Self.eps, "added to the variance", in: .positive),
        Field("affine", \Self.affine, "whether scale and shift are learned"),
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        guard let channels = context.input.dimensions.first else {
            throw EspalierError("groupNorm takes samples with a channel axis, and single values arrive")
        }
        guard channels % groups == 0 else {
            throw EspalierError(
                "\(channels) channels are not divided by \(groups) groups",
                expected: "a number of groups that divides \(channels)",
                fix: "groups: \((1...min(groups, channels)).last { channels % $0 == 0 } ?? 1)")
        }
        guard context.input.count > groups else {
            throw EspalierError(
                "groups of one value are all zero once they are standardised: \(context.input) in \(groups) groups",
                expected: "more than one value a group", fix: "fewer groups")
        }
        return GroupNorm(groups, channels, eps: eps, affine: affine)
    }
}
