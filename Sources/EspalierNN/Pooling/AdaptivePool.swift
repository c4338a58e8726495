import EspalierGraph
import EspalierSpec

/// The largest value, or the mean, of as many windows as are asked for, whatever the extents that arrive.
///
/// Window i of m over an axis of extent n goes from floor(i n / m) to ceil((i + 1) n / m), as in PyTorch.
///
/// Shapes: x [N, C, ...], y [N, C, outputSize...].
///
/// Use it before linear layers, so that images of any size fit; not where places matter more finely than the windows.
///
/// Source: He, Zhang, Ren and Sun 2014, "Spatial pyramid pooling in deep convolutional networks for visual
/// recognition".
public final class AdaptivePool<Operation: PoolingOperation, Axes: SpatialAxes>: Layer {
    /// Windows along each axis.
    public let outputSize: [Int]

    /// - Parameter outputSize: Windows along each axis; one number, or one for each axis.
    public init(_ outputSize: PerAxis) { self.outputSize = outputSize.along(Axes.count) }

    public func forward(_ x: Tensor) -> Tensor { Operation.pool(x, .adaptive(outputSize)) }

    public var description: String { "Adaptive\(Operation.name)Pool\(Axes.count)d(\(PerAxis(outputSize).words))" }
}

/// The largest value of so many windows along one axis, [N, C, L].
public typealias AdaptiveMaxPool1d = AdaptivePool<Maximum, OneAxis>
/// The largest value of so many windows of images, [N, C, H, W].
public typealias AdaptiveMaxPool2d = AdaptivePool<Maximum, TwoAxes>
/// The largest value of so many windows of volumes, [N, C, D, H, W].
public typealias AdaptiveMaxPool3d = AdaptivePool<Maximum, ThreeAxes>
/// The mean of so many windows along one axis, [N, C, L].
public typealias AdaptiveAvgPool1d = AdaptivePool<Average, OneAxis>
/// The mean of so many windows of images, [N, C, H, W].
public typealias AdaptiveAvgPool2d = AdaptivePool<Average, TwoAxes>
/// The mean of so many windows of volumes, [N, C, D, H, W].
public typealias AdaptiveAvgPool3d = AdaptivePool<Average, ThreeAxes>

/// `adaptiveAvgPool2d: {outputSize: 1}` in a configuration, and its siblings.
public struct AdaptivePoolSpecification<Operation: PoolingOperation, Axes: SpatialAxes>: LayerSpecification {
    /// Windows along each axis.
    public var outputSize: PerAxis = 1

    public static var kind: LayerKind { .layer }
    public static var name: String { "adaptive\(Operation.name)Pool\(Axes.count)d" }
    public static var summary: String {
        "\(Operation.words) of so many windows over \(Axes.count) spatial \(Axes.count == 1 ? "axis" : "axes")"
    }
    public static var fields: [Field<Self>] {
        [Field("outputSize", \Self.outputSize, "windows along each axis", required: true)]
    }

    public init() {}

    public func validate() throws { try outputSize.validate("outputSize", Axes.count, atLeast: 1) }

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        let (channels, _) = try context.signal(Self.name, axes: Axes.count)
        try context.checkSample([channels] + outputSize.along(Axes.count))
        return AdaptivePool<Operation, Axes>(outputSize)
    }
}

/// The largest value, or the mean, of each channel over all of its spatial axes: [N, C, ...] becomes [N, C].
///
/// Source: Lin, Chen and Yan 2013, "Network in network".
///
/// Use it in place of `flatten` before the last layer of an image network; not where it matters where something is.
public final class GlobalPool<Operation: PoolingOperation>: Layer {
    public init() {}

    public func forward(_ x: Tensor) -> Tensor {
        Operation.pool(x, .adaptive([Int](repeating: 1, count: x.rank - 2))).reshaped(to: [x.shape[0], x.shape[1]])
    }

    public var description: String { "Global\(Operation.name)Pool()" }
}

/// The largest value of each channel: [N, C, ...] becomes [N, C].
public typealias GlobalMaxPool = GlobalPool<Maximum>
/// The mean of each channel: [N, C, ...] becomes [N, C].
public typealias GlobalAvgPool = GlobalPool<Average>

/// `globalAvgPool` and `globalMaxPool` in a configuration.
public struct GlobalPoolSpecification<Operation: PoolingOperation>: LayerSpecification {
    public static var kind: LayerKind { .layer }
    public static var name: String { "global\(Operation.name)Pool" }
    public static var summary: String { "\(Operation.words) of each channel: [N, C, ...] becomes [N, C]" }
    public static var fields: [Field<Self>] { [] }

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        guard (2...4).contains(context.input.rank) else {
            throw EspalierError(
                "\(Self.name) takes samples with channels and up to three spatial axes, and \(context.input) arrive",
                expected: "samples of shape [channels, ...]")
        }
        return GlobalPool<Operation>()
    }
}
