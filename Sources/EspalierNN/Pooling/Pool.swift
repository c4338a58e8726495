import EspalierGraph
import EspalierSpec

/// What a pooling makes of the elements of a window.
public protocol PoolingOperation: Sendable {
    /// `Max` or `Avg`.
    static var name: String { get }
    /// What it makes, in words.
    static var words: String { get }
    static func pool(_ x: Tensor, _ windows: PoolingWindows) -> Tensor
}

/// The largest element; the first of equals takes the derivative.
public enum Maximum: PoolingOperation {
    public static let name = "Max"
    public static let words = "Largest value"
    public static func pool(_ x: Tensor, _ windows: PoolingWindows) -> Tensor { x.maximumPooled(windows) }
}

/// The arithmetic mean.
public enum Average: PoolingOperation {
    public static let name = "Avg"
    public static let words = "Mean"
    public static func pool(_ x: Tensor, _ windows: PoolingWindows) -> Tensor { x.averagePooled(windows) }
}

/// The largest value, or the mean, of each window that moves over the spatial axes.
///
/// Shapes: x [N, C, ...], y [N, C, ...] with extents
/// floor((extent + 2 padding - dilation (kernel - 1) - 1) / stride) + 1.
///
/// Use it to make images smaller and small shifts matter less, the largest value for whether something is there, the
/// mean for how much; not where exact places count: use a convolution with a stride.
///
/// Source: Weng, Ahuja and Huang 1992, "Cresceptron: a self-organizing neural network which grows adaptively"
/// (largest); LeCun, Bottou, Bengio and Haffner 1998, "Gradient-based learning applied to document recognition" (mean).
public final class Pool<Operation: PoolingOperation, Axes: SpatialAxes>: Layer {
    /// How the windows lie.
    public let windows: PoolingWindows
    public let description: String

    fileprivate init(_ windows: PoolingWindows, _ settings: [String]) {
        self.windows = windows
        description = "\(Operation.name)Pool\(Axes.count)d(\(settings.joined(separator: ", ")))"
    }

    public func forward(_ x: Tensor) -> Tensor { Operation.pool(x, windows) }
}

extension Pool where Operation == Maximum {
    /// - Parameters:
    ///   - kernelSize: Extents of a window; one number, or one for each axis, as for all that follow.
    ///   - stride: Steps from one window to the next; as much as the window if not given, as PyTorch.
    ///   - padding: Places on either side that windows may reach into and that never win; at most half a window.
    ///   - dilation: Steps from one element of a window to the next.
    ///   - ceilMode: Whether the number of windows is rounded up, so that the last may reach beyond the end.
    public convenience init(
        kernelSize: PerAxis, stride: PerAxis? = nil, padding: PerAxis = 0, dilation: PerAxis = 1, ceilMode: Bool = false
    ) {
        let stride = stride ?? kernelSize
        self.init(
            .sliding(
                kernelSize.along(Axes.count), stride: stride.along(Axes.count), padding: padding.along(Axes.count),
                dilation: dilation.along(Axes.count), roundsUp: ceilMode),
            poolingSettings(kernelSize, stride, padding, dilation, ceilMode))
    }
}

extension Pool where Operation == Average {
    /// - Parameters:
    ///   - kernelSize: Extents of a window; one number, or one for each axis, as for all that follow.
    ///   - stride: Steps from one window to the next; as much as the window if not given, as PyTorch.
    ///   - padding: Zeros on either side; at most half a window.
    ///   - ceilMode: Whether the number of windows is rounded up, so that the last may reach beyond the end.
    ///   - countIncludePad: Whether the mean divides by the padding's places too; true as PyTorch.
    public convenience init(
        kernelSize: PerAxis, stride: PerAxis? = nil, padding: PerAxis = 0, ceilMode: Bool = false,
        countIncludePad: Bool = true
    ) {
        let stride = stride ?? kernelSize
        self.init(
            .sliding(
                kernelSize.along(Axes.count), stride: stride.along(Axes.count), padding: padding.along(Axes.count),
                roundsUp: ceilMode, countsPadding: countIncludePad),
            poolingSettings(kernelSize, stride, padding, 1, ceilMode)
                + (countIncludePad ? [] : ["countIncludePad: false"]))
    }
}

/// The settings for a description: what differs from the defaults.
private func poolingSettings(
    _ kernel: PerAxis, _ stride: PerAxis, _ padding: PerAxis, _ dilation: PerAxis, _ roundsUp: Bool
) -> [String] {
    ["kernelSize: \(kernel.words)"]
        + (stride.words == kernel.words ? [] : ["stride: \(stride.words)"])
        + (padding.words == "0" ? [] : ["padding: \(padding.words)"])
        + (dilation.words == "1" ? [] : ["dilation: \(dilation.words)"]) + (roundsUp ? ["ceilMode: true"] : [])
}

/// The largest value of each window along one axis, [N, C, L].
public typealias MaxPool1d = Pool<Maximum, OneAxis>
/// The largest value of each window of images, [N, C, H, W].
public typealias MaxPool2d = Pool<Maximum, TwoAxes>
/// The largest value of each window of volumes, [N, C, D, H, W].
public typealias MaxPool3d = Pool<Maximum, ThreeAxes>
/// The mean of each window along one axis, [N, C, L].
public typealias AvgPool1d = Pool<Average, OneAxis>
/// The mean of each window of images, [N, C, H, W].
public typealias AvgPool2d = Pool<Average, TwoAxes>
/// The mean of each window of volumes, [N, C, D, H, W].
public typealias AvgPool3d = Pool<Average, ThreeAxes>

/// `maxPool2d: {kernelSize: 2}` in a configuration, and its siblings.
public struct MaxPoolSpecification<Axes: SpatialAxes>: LayerSpecification {
    public var kernelSize: PerAxis = 2
    /// As much as the window if not given.
    public var stride: PerAxis?
    public var padding: PerAxis = 0
    public var dilation: PerAxis = 1
    public var ceilMode = false

    public static var kind: LayerKind { .layer }
    public static var name: String { "maxPool\(Axes.count)d" }
    public static var summary: String { poolingSummary(Maximum.self, Axes.count) }
    public static var fields: [Field<Self>] {
        [
            Field("kernelSize", \Self.kernelSize, "extents of a window", required: true),
            Field("stride", \Self.stride, "steps from one window to the next; null is the window's extents"),
            Field("padding", \Self.padding, "places on either side that never win; at most half a window"),
            Field("dilation", \Self.dilation, "steps from one element of a window to the next"),
            Field("ceilMode", \Self.ceilMode, "whether a last window may reach beyond the end"),
        ]
    }

    public init() {}

    public func validate() throws {
        try validatePooling(kernelSize, stride, padding, Axes.count)
        try dilation.validate("dilation", Axes.count, atLeast: 1)
    }

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        let layer = Pool<Maximum, Axes>(
            kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
        try context.checkWindows(layer.windows, Self.name)
        return layer
    }
}

/// `avgPool2d: {kernelSize: 2}` in a configuration, and its siblings.
public struct AvgPoolSpecification<Axes: SpatialAxes>: LayerSpecification {
    public var kernelSize: PerAxis = 2
    /// As much as the window if not given.
    public var stride: PerAxis?
    public var padding: PerAxis = 0
    public var ceilMode = false
    public var countIncludePad = true

    public static var kind: LayerKind { .layer }
    public static var name: String { "avgPool\(Axes.count)d" }
    public static var summary: String { poolingSummary(Average.self, Axes.count) }
    public static var fields: [Field<Self>] {
        [
            Field("kernelSize", \Self.kernelSize, "extents of a window", required: true),
            Field("stride", \Self.stride, "steps from one window to the next; null is the window's extents"),
            Field("padding", \Self.padding, "zeros on either side; at most half a window"),
            Field("ceilMode", \Self.ceilMode, "whether a last window may reach beyond the end"),
            Field("countIncludePad", \Self.countIncludePad, "whether the mean divides by the padding's places too"),
        ]
    }

    public init() {}

    public func validate() throws { try validatePooling(kernelSize, stride, padding, Axes.count) }

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        let layer = Pool<Average, Axes>(
            kernelSize: kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
            countIncludePad: countIncludePad)
        try context.checkWindows(layer.windows, Self.name)
        return layer
    }
}

private func poolingSummary<Operation: PoolingOperation>(_ operation: Operation.Type, _ axes: Int) -> String {
    "\(operation.words) of each window over \(axes) spatial \(axes == 1 ? "axis" : "axes")"
}

private func validatePooling(_ kernel: PerAxis, _ stride: PerAxis?, _ padding: PerAxis, _ axes: Int) throws {
    try kernel.validate("kernelSize", axes, atLeast: 1)
    try stride?.validate("stride", axes, atLeast: 1)
    try padding.validate("padding", axes, atLeast: 0)
    guard zip(padding.along(axes), kernel.along(axes)).allSatisfy({ 2 * $0 <= $1 }) else {
        throw EspalierError("padding is \(padding.words)", expected: "at most half of the kernelSize \(kernel.words)")
    }
}

extension LayerContext {
    /// Refuses windows that do not fit the samples.
    func checkWindows(_ windows: PoolingWindows, _ name: String) throws {
        let (_, extents) = try signal(name, axes: windows.rank)
        do throws(ShapeError) {
            _ = try windows.axes(of: extents)
        } catch {
            throw EspalierError(
                "\(name) of samples of \(input): \(error.problem)", expected: "windows that fit into the samples",
                fix: "a smaller kernelSize, or fewer poolings before it")
        }
    }
}
