import EspalierGraph
import EspalierSpec

/// Zeros around the input of a convolution.
public enum Padding: ConfigurationRepresentable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
    /// As many as keep the extents, the odd one behind the input; for a stride of one.
    case same
    /// So many on either side.
    case zeros(PerAxis)

    public init(integerLiteral value: Int) { self = .zeros(PerAxis([value])) }
    public init(arrayLiteral elements: Int...) { self = .zeros(PerAxis(elements)) }

    public static var accepted: String { "same, a whole number, or a list of one for each axis" }

    public init(configuration node: ConfigurationNode) throws {
        switch node.content {
        case .string("same"): self = .same
        case .string: throw node.mismatch(expected: Self.accepted)
        default: self = .zeros(try PerAxis(configuration: node))
        }
    }

    public var configuration: ConfigurationValue {
        switch self {
        case .same: "same"
        case .zeros(let numbers): numbers.configuration
        }
    }
}

/// Convolution, in the sense of machine learning: the cross-correlation of a signal with learned kernels.
///
/// y[n, o, p] = b[o] + sum_{c, k} x[n, c, p stride - padding + k dilation] W[o, c, k]
///
/// Shapes: x [N, C, ...], W (`weight`) [O, C / groups, kernel...], b (`bias`) [O], y [N, O, ...] with extents
/// floor((extent + 2 padding - dilation (kernel - 1) - 1) / stride) + 1. Beyond its ends x is zero. With groups, each
/// output sees the inputs of its own group; as many groups as channels make it depthwise. Biases start at zero.
/// The fan-out that initialisers see is PyTorch's, O times the kernel, whatever the groups.
///
/// Source: LeCun, Boser, Denker, Henderson, Howard, Hubbard and Jackel 1989, "Backpropagation applied to handwritten zip
/// code recognition".
///
/// Use it for signals in which the same pattern may stand anywhere, images above all; not for features without
/// neighbours, such as the columns of a table.
public final class Conv<Axes: SpatialAxes>: ConvolutionLayer {
    @Parameter public var weight: Tensor
    /// Nothing for a layer without bias.
    public let bias: Parameter?
    /// How the kernel moves.
    public let geometry: ConvolutionGeometry

    /// Of the weights; nothing where the following activation is to decide.
    public var initializer: (any Initializer)? {
        didSet { if let initializer { $weight.initializer = initializer } }
    }

    /// - Parameters:
    ///   - inputs: Channels that arrive.
    ///   - outputs: Channels that leave.
    ///   - kernelSize: Extents of the kernel; one number, or one for each axis, as for all that follow.
    ///   - stride: Steps from one output to the next; 1 as PyTorch.
    ///   - padding: Zeros on either side; none as PyTorch.
    ///   - dilation: Steps from one position of the kernel to the next; 1 as PyTorch.
    ///   - groups: Into how many groups the channels fall; 1 as PyTorch.
    ///   - bias: Whether a learned value is added to each output channel.
    ///   - initializer: Of the weights; the one that matches the following activation if not given.
    public init(
        _ inputs: Int, _ outputs: Int, kernelSize: PerAxis, stride: PerAxis = 1, padding: Padding = 0,
        dilation: PerAxis = 1, groups: Int = 1, bias: Bool = true, initializer: (any Initializer)? = nil
    ) {
        precondition(
            groups >= 1 && inputs % groups == 0 && outputs % groups == 0,
            "a convolution from \(inputs) to \(outputs) channels does not fall into \(groups) groups")
        let kernel = kernelSize.along(Axes.count)
        geometry = Self.geometry(
            kernel, stride: stride.along(Axes.count), padding, dilation: dilation.along(Axes.count), groups)
        _weight = Parameter(Shape([outputs, inputs / groups] + kernel), initializer ?? XavierUniform())
        self.bias = bias ? Parameter([outputs], Zeros(), role: .bias) : nil
        self.initializer = initializer
    }

    fileprivate static func geometry(
        _ kernel: [Int], stride: [Int], _ padding: Padding, dilation: [Int], _ groups: Int
    ) -> ConvolutionGeometry {
        let before: [Int]
        var after: [Int]
        switch padding {
        case .zeros(let numbers):
            before = numbers.along(Axes.count)
            after = before
        case .same:
            let whole = zip(kernel, dilation).map { ($0 - 1) * $1 }
            before = whole.map { $0 / 2 }
            after = zip(whole, before).map { $0 - $1 }
        }
        return ConvolutionGeometry(
            rank: Axes.count, stride: stride, before: before, after: after, dilation: dilation, groups: groups)
    }

    public func forward(_ x: Tensor) -> Tensor {
        let y = x.convolved(with: weight, geometry)
        return bias.map { y + $0.wrappedValue.perChannel(rank: y.rank) } ?? y
    }

    public var description: String {
        let shape = weight.shape
        return "Conv\(Axes.count)d(\(shape[1] * geometry.groups), \(shape[0]), "
            + "\(geometry.words(kernel: Array(shape.dimensions.dropFirst(2))))\(bias == nil ? ", bias: false" : ""))"
    }
}

/// Convolution along one axis, [N, C, L].
public typealias Conv1d = Conv<OneAxis>
/// Convolution over images, [N, C, H, W].
public typealias Conv2d = Conv<TwoAxes>
/// Convolution over volumes, [N, C, D, H, W].
public typealias Conv3d = Conv<ThreeAxes>

/// `conv2d: {channels: 32, kernelSize: 3}` in a configuration, and its siblings.
public struct ConvSpecification<Axes: SpatialAxes>: LayerSpecification {
    /// Channels that leave.
    public var channels = 1
    public var kernelSize: PerAxis = 3
    public var stride: PerAxis = 1
    public var padding: Padding = 0
    public var dilation: PerAxis = 1
    public var groups = 1
    public var bias = true
    /// Of the weights; nothing matches the following activation.
    public var initializer: InitializerChoice?

    public static var kind: LayerKind { .layer }
    public static var name: String { "conv\(Axes.count)d" }
    public static var summary: String {
        "Convolution over \(Axes.count) spatial \(Axes.count == 1 ? "axis" : "axes"), as a cross-correlation"
    }
    public static var fields: [Field<Self>] {
        [
            Field("channels", \Self.channels, "channels that leave", required: true, in: 1...),
            Field("kernelSize", \Self.kernelSize, "extents of the kernel", required: true),
            Field("stride", \Self.stride, "steps from one output to the next"),
            Field("padding", \Self.padding, "zeros on either side; same keeps the extents, with a stride of 1"),
            Field("dilation", \Self.dilation, "steps from one position of the kernel to the next"),
            Field("groups", \Self.groups, "into how many groups the channels fall", in: 1...),
            Field("bias", \Self.bias, "whether a learned value is added to each output channel"),
            Field("initializer", \Self.initializer, "of the weights; null matches the following activation"),
        ]
    }

    public init() {}

    public func validate() throws {
        try kernelSize.validate("kernelSize", Axes.count, atLeast: 1)
        try stride.validate("stride", Axes.count, atLeast: 1)
        try dilation.validate("dilation", Axes.count, atLeast: 1)
        switch padding {
        case .zeros(let numbers): try numbers.validate("padding", Axes.count, atLeast: 0)
        case .same:
            guard stride.numbers.allSatisfy({ $0 == 1 }) else {
                throw EspalierError(
                    "padding: same with a stride of \(stride.words)", expected: "a stride of 1, or padding as a number")
            }
        }
    }

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        let (inputs, extents) = try context.signal(Self.name, axes: Axes.count)
        try checkGroups(groups, inputs, channels)
        let kernel = kernelSize.along(Axes.count)
        let geometry = Conv<Axes>.geometry(
            kernel, stride: stride.along(Axes.count), padding, dilation: dilation.along(Axes.count), groups)
        guard let outputs = geometry.outputs(extents, kernel: kernel) else {
            throw EspalierError(
                "a kernel of \(kernelSize.words) does not fit into samples of \(context.input)",
                expected: "at most \(extents) with the padding around it", fix: "a smaller kernelSize, or padding: same"
            )
        }
        try context.checkWeight([channels, inputs / groups] + kernel)
        try context.checkSample([channels] + outputs)
        return Conv<Axes>(
            inputs, channels, kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation,
            groups: groups, bias: bias, initializer: initializer?.initializer ?? context.initializer)
    }
}

/// Refuses channels that do not fall into groups.
func checkGroups(_ groups: Int, _ inputs: Int, _ outputs: Int) throws {
    guard inputs % groups == 0, outputs % groups == 0 else {
        throw EspalierError(
            "\(inputs) channels arrive and \(outputs) leave, which do not fall into \(groups) groups",
            expected: "groups that divides both")
    }
}

extension ConvolutionGeometry {
    /// As in a layer's description: what differs from the defaults.
    func words(kernel: [Int], outputPadding: [Int]? = nil) -> String {
        let isPlain = before == after || outputPadding != nil
        let settings: [(String, [Int], Int)] = [
            ("stride", stride, 1), (isPlain ? "padding" : "paddingBefore", before, 0),
            ("paddingAfter", isPlain ? [] : after, 0), ("outputPadding", outputPadding ?? [], 0),
            ("dilation", dilation, 1), ("groups", [groups], 1),
        ]
        let changed = settings.filter { setting in setting.1.contains { $0 != setting.2 } }
        return (["kernelSize: \(PerAxis(kernel).words)"] + changed.map { "\($0.0): \(PerAxis($0.1).words)" })
            .joined(separator: ", ")
    }
}

extension Tensor {
    /// A value for each channel, [C], as it meets [N, C, ...].
    func perChannel(rank: Int) -> Tensor {
        reshaped(to: Shape([1, count] + [Int](repeating: 1, count: rank - 2)))
    }
}
