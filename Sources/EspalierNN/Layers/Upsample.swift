import EspalierGraph
import EspalierSpec

/// Draws images and other grids out, or shortens them: [N, C, ...] with new extents after the second axis.
///
/// The formulas are those of `Tensor.interpolated`. Linear stands for linear, bilinear and trilinear interpolation, as
/// the number of axes has it. Names and defaults are PyTorch's (`Upsample`).
///
/// Use it in decoders, before a convolution; not to make up detail: it learns nothing.
public final class Upsample: Layer {
    /// What the new extents are.
    public enum Target: Sendable, Hashable {
        /// These.
        case size([Int])
        /// The old ones times these, rounded down.
        case scale([Double])
    }

    public let target: Target
    public let interpolation: InterpolationMode
    /// Whether the corner elements stay where they are; for linear interpolation.
    public let alignCorners: Bool

    /// - Parameters:
    ///   - target: What the new extents are, one number an axis after the second.
    ///   - mode: How values between the old elements are found; the nearest one as in PyTorch.
    ///   - alignCorners: Whether the corner elements stay where they are, for linear interpolation.
    public init(_ target: Target, mode: InterpolationMode = .nearest, alignCorners: Bool = false) {
        self.target = target
        interpolation = mode
        self.alignCorners = alignCorners
    }

    public func forward(_ x: Tensor) -> Tensor {
        switch target {
        case .size(let size):
            return x.interpolated(to: size, mode: interpolation, alignCorners: alignCorners)
        case .scale(let factors):
            let size = zip(x.shape.dimensions.dropFirst(2), factors).map { Int((Double($0) * $1).rounded(.down)) }
            return x.interpolated(to: size, mode: interpolation, alignCorners: alignCorners, factors: factors)
        }
    }

    public var description: String {
        let extents =
            switch target {
            case .size(let size): "size: \(size)"
            case .scale(let factors): "scale: \(factors)"
            }
        let mode = interpolation == .nearest ? "" : ", \(interpolation)\(alignCorners ? ", alignCorners: true" : "")"
        return "Upsample(\(extents)\(mode))"
    }
}

/// `upsample: {scale: 2}` in a configuration.
public struct UpsampleSpecification: LayerSpecification {
    public var scale = 2.0
    public var size: [Int]?
    public var mode = Mode.nearest
    public var alignCorners = false

    /// PyTorch's names: those for linear interpolation say over how many axes.
    public enum Mode: String, CaseIterable, ConfigurationRepresentable, Hashable {
        case nearest, linear, bilinear, trilinear

        /// How many axes of a sample follow that of the channels, where the name says so.
        var axes: Int? { [.linear: 1, .bilinear: 2, .trilinear: 3][self] }
    }

    public static let kind = LayerKind.layer
    public static let name = "upsample"
    public static let summary = "Draws images and other grids out: the nearest elements, or linear interpolation"
    public static let fields = [
        Field("scale", \Self.scale, "factor on every extent, where no size is given", in: .positive),
        Field(
            "size", \Self.size, "the new extents, one for each axis after the channels",
            accepting: "a list of whole numbers of at least 1, or null", where: { $0?.allSatisfy { $0 >= 1 } ?? true }),
        Field("mode", \Self.mode, "how values between the elements are found"),
        Field("alignCorners", \Self.alignCorners, "whether the corner elements stay where they are, unless nearest"),
    ]

    public init() {}

    public func validate() throws {
        guard mode != .nearest || !alignCorners else {
            throw EspalierError("alignCorners means nothing for nearest", fix: "mode: bilinear, or leave it out")
        }
    }

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        let axes = context.input.rank - 1
        guard axes >= 1, mode.axes ?? axes == axes, size?.count ?? axes == axes else {
            let names = [1: "linear", 2: "bilinear", 3: "trilinear"]
            throw EspalierError(
                "upsample by \(mode.rawValue)\(size.map { " to \($0)" } ?? "") does not fit samples of \(context.input)",
                expected: "samples of shape [channels, ...] with as many further axes as mode and size say",
                fix: names[axes].map { "mode: \($0)" })
        }
        let extents = context.input.dimensions.dropFirst()
        if size == nil, extents.contains(where: { Double($0) * scale < 1 }) {
            throw EspalierError(
                "scale \(scale) leaves nothing of samples of \(context.input)", expected: "a larger scale")
        }
        return Upsample(
            size.map { .size($0) } ?? .scale([Double](repeating: scale, count: axes)),
            mode: mode == .nearest ? .nearest : .linear, alignCorners: alignCorners)
    }
}
