import EspalierGraph
import EspalierSpec

/// Transposed convolution: each input adds the kernel, times its value, to the output.
///
/// It is the map that a convolution's derivative applies to the cotangent, and enlarges what a stride made smaller.
///
/// y[n, o, p stride - padding + k dilation] += x[n, c, p] W[c, o, k], plus b[o]
///
/// Shapes: x [N, C, ...], W (`weight`) [C, O / groups, kernel...], b (`bias`) [O], y [N, O, ...] with extents
/// (extent - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1. Biases start at zero.
///
/// Source: Zeiler, Krishnan, Taylor and Fergus 2010, "Deconvolutional networks".
///
/// Use it to enlarge in decoders and generators, with a kernel that is a multiple of the stride; otherwise the overlaps
/// draw a chequered pattern, and `upsample` with a convolution is better.
public final class ConvTransposed<Axes: SpatialAxes>: ConvolutionLayer {
    @Parameter public var weight: Tensor
    /// Nothing for a layer without bias.
    public let bias: Parameter?
    /// How the kernel of the convolution moves that leads back.
    public let geometry: ConvolutionGeometry

    /// Of the weights; nothing where the following activation is to decide.
    public var initializer: (any Initializer)? {
        didSet { if let initializer { $weight.initializer = initializer } }
    }

    /// - Parameters:
    ///   - inputs: Channels that arrive.
    ///   - outputs: Channels that leave.
    ///   - kernelSize: Extents of the kernel; one number, or one for each axis, as for all that follow.
    ///   - stride: Steps of the output from one input to the next; 1 as PyTorch.
    ///   - padding: Outputs left out on either side; none as PyTorch.
    ///   - outputPadding: Outputs more at the end, of the several extents that a stride makes equal; none as PyTorch.
    ///   - dilation: Steps of the output from one position of the kernel to the next; 1 as PyTorch.
    ///   - groups: Into how many groups the channels fall; 1 as PyTorch.
    ///   - bias: Whether a learned value is added to each output channel.
    ///   - initializer: Of the weights; the one that matches the following activation if not given.
    public init(
        _ inputs: Int, _ outputs: Int, kernelSize: PerAxis, stride: PerAxis = 1, padding: PerAxis = 0,
        outputPadding: PerAxis = 0, dilation: PerAxis = 1, groups: Int = 1, bias: Bool = true,
        initializer: (any Initializer)? = nil
    ) {
        precondition(
            groups >= 1 && inputs % groups == 0 && outputs % groups == 0,
            "a convolution from \(inputs) to \(outputs) channels does not fall into \(groups) groups")
        let kernel = kernelSize.along(Axes.count)
        geometry = Self.geometry(stride, padding, outputPadding, dilation, groups)
        // An output sums over one position of the kernel in every `stride`.
        let field = kernel.reduce(1, *), met = max(1, field / geometry.stride.reduce(1, *))
        _weight = Parameter(
            Shape([inputs, outputs / groups] + kernel), initializer ?? XavierUniform(),
            fans: Fans(input: inputs / groups * met, output: outputs / groups * field), transposedGroups: groups)
        self.bias = bias ? Parameter([outputs], Zeros(), role: .bias) : nil
        self.initializer = initializer
    }

    fileprivate static func geometry(
        _ stride: PerAxis, _ padding: PerAxis, _ outputPadding: PerAxis, _ dilation: PerAxis, _ groups: Int
    ) -> ConvolutionGeometry {
        let before = padding.along(Axes.count)
        return ConvolutionGeometry(
            rank: Axes.count, stride: stride.along(Axes.count), before: before,
            after: zip(before, outputPadding.along(Axes.count)).map { $0 - $1 }, dilation: dilation.along(Axes.count),
            groups: groups)
    }

    public func forward(_ x: Tensor) -> Tensor {
        let y = x.transposeConvolved(with: weight, geometry)
        return bias.map { y + $0.wrappedValue.perChannel(rank: y.rank) } ?? y
    }

    public var description: String {
        let shape = weight.shape
        let words = geometry.words(
            kernel: Array(shape.dimensions.dropFirst(2)),
            outputPadding: zip(geometry.before, geometry.after).map { $0 - $1 })
        return "ConvTransposed\(Axes.count)d(\(shape[0]), \(shape[1] * geometry.groups), \(words)"
            + "\(bias == nil ? ", bias: false" : ""))"
    }
}

/// Transposed convolution along one axis, [N, C, L].
public typealias ConvTransposed1d = ConvTransposed<OneAxis>
/// Transposed convolution over images, [N, C, H, W].
public typealias ConvTransposed2d = ConvTransposed<TwoAxes>
/// Transposed convolution over volumes, [N, C, D, H, W].
public typealias ConvTransposed3d = ConvTransposed<ThreeAxes>

/// `convTransposed2d: {channels: 32, kernelSize: 2, stride: 2}` in a configuration, and its siblings.
public struct ConvTransposedSpecification<Axes: SpatialAxes>: LayerSpecification {
    /// Channels that leave.
    public var channels = 1
    public var kernelSize: PerAxis = 2
    public var stride: PerAxis = 1
    public var padding: PerAxis = 0
    public var outputPadding: PerAxis = 0
    public var dilation: PerAxis = 1
    public var groups = 1
    public var bias = true
    /// Of the weights; nothing matches the following activation.
    public var initializer: InitializerChoice?

    public static var kind: LayerKind { .layer }
    public static var name: String { "convTransposed\(Axes.count)d" }
    public static var summary: String {
        "Transposed convolution over \(Axes.count) spatial \(Axes.count == 1 ? "axis" : "axes"): a stride enlarges"
    }
    public static var fields: [Field<Self>] {
        [
            Field("channels", \Self.channels, "channels that leave", required: true, in: 1...),
            Field("kernelSize", \Self.kernelSize, "extents of the kernel", required: true),
            Field("stride", \Self.stride, "steps of the output from one input to the next"),
            Field("padding", \Self.padding, "outputs left out on either side"),
            Field(
                "outputPadding", \Self.outputPadding, "outputs more at the end; fewer than the stride or the dilation"),
            Field("dilation", \Self.dilation, "steps of the output from one position of the kernel to the next"),
            Field("groups", \Self.groups, "into how many groups the channels fall", in: 1...),
            Field("bias", \Self.bias, "whether a learned value is added to each output channel"),
            Field("initializer", \Self.initializer, "of the weights; null matches the following activation"),
        ]
    }

    public init() {}

    public func validate() throws {
        try kernelSize.validate("kernelSize", Axes.count, atLeast: 1)
        try stride.validate("stride", Axes.count, atLeast: 1)
        try padding.validate("padding", Axes.count, atLeast: 0)
        try outputPadding.validate("outputPadding", Axes.count, atLeast: 0)
        try dilation.validate("dilation", Axes.count, atLeast: 1)
        let bounds = zip(stride.along(Axes.count), dilation.along(Axes.count)).map { max($0, $1) }
        guard zip(outputPadding.along(Axes.count), bounds).allSatisfy({ $0 < $1 }) else {
            throw EspalierError(
                "outputPadding is \(outputPadding.words), with stride \(stride.words) and dilation \(dilation.words)",
                expected: "less than the larger of both")
        }
    }

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        let (inputs, extents) = try context.signal(Self.name, axes: Axes.count)
        try checkGroups(groups, inputs, channels)
        let kernel = kernelSize.along(Axes.count)
        let geometry = ConvTransposed<Axes>.geometry(stride, padding, outputPadding, dilation, groups)
        let outputs = geometry.inputs(extents, kernel: kernel)
        guard outputs.allSatisfy({ $0 >= 1 }) else {
            throw EspalierError(
                "padding \(padding.words) leaves nothing of the \(Self.name) of samples of \(context.input)",
                expected: "a smaller padding")
        }
        try context.checkWeight([inputs, channels / groups] + kernel)
        try context.checkSample([channels] + outputs)
        return ConvTransposed<Axes>(
            inputs, channels, kernelSize: kernelSize, stride: stride, padding: padding, outputPadding: outputPadding,
            dilation: dilation, groups: groups, bias: bias,
            initializer: initializer?.initializer ?? context.initializer)
    }
}
