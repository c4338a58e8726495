import EspalierGraph
import EspalierSpec

/// A linear map: y = x W^T + b.
///
/// Shapes: x [..., in], W (`weight`) [out, in], b (`bias`) [out], y [..., out]. Biases start at zero.
///
/// Use it as the last layer of nearly every model, and for features without neighbours; not first on images or
/// sequences, where a convolution shares its weights.
///
/// Source: Rosenblatt 1958, "The perceptron: a probabilistic model for information storage and organization in the
/// brain".
public final class Linear: Initializable {
    @Parameter public var weight: Tensor
    /// Nothing for a layer without bias.
    public let bias: Parameter?

    /// Of the weights; nothing where the following activation is to decide.
    public var initializer: (any Initializer)? {
        didSet { if let initializer { $weight.initializer = initializer } }
    }

    /// - Parameters:
    ///   - inputs: Values per sample that arrive.
    ///   - outputs: Values per sample that leave.
    ///   - bias: Whether a learned value is added to each output.
    ///   - initializer: Of the weights; the one that matches the following activation if not given.
    public init(_ inputs: Int, _ outputs: Int, bias: Bool = true, initializer: (any Initializer)? = nil) {
        _weight = Parameter([outputs, inputs], initializer ?? XavierUniform())
        self.bias = bias ? Parameter([outputs], Zeros(), role: .bias) : nil
        self.initializer = initializer
    }

    public func forward(_ x: Tensor) -> Tensor {
        // One product of all rows, whatever their axes.
        let rows = x.rank > 2 ? x.reshaped(to: [x.count / x.shape[x.rank - 1], x.shape[x.rank - 1]]) : x
        let product = rows.matmul(weight, transposeSecond: true)
        let y = bias.map { product + $0.wrappedValue } ?? product
        return y.reshaped(to: Shape(x.shape.dimensions.dropLast() + [weight.shape[0]]))
    }

    public var description: String {
        "Linear(\(weight.shape[1]), \(weight.shape[0])\(bias == nil ? ", bias: false" : ""))"
    }
}

/// `linear: {units: 128}` in a configuration.
public struct LinearSpecification: LayerSpecification {
    /// Outputs.
    public var units = Units.automatic
    /// Whether a learned value is added to each output.
    public var bias = true
    /// Of the weights; nothing matches the following activation.
    public var initializer: InitializerChoice?

    public static let kind = LayerKind.layer
    public static let name = "linear"
    public static let summary = "Linear map x W^T + b of [in] to [units], or of each step of [length, in]"
    public static let fields = [
        Field(
            "units", \Self.units, "outputs; auto takes the number of classes or targets", required: true,
            accepting: "auto, or a whole number of at least 1"),
        Field("bias", \Self.bias, "whether a learned value is added to each output"),
        Field("initializer", \Self.initializer, "of the weights; null matches the following activation"),
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        guard (1...2).contains(context.input.rank), let inputs = context.input.dimensions.last else {
            throw EspalierError(
                "linear takes samples of one axis, or sequences of them, and \(context.input) arrive",
                expected: "samples of shape [features] or [length, features]", fix: "put flatten before it")
        }
        let outputs = units.count(context)
        try context.checkSize(inputs, outputs)
        return Linear(
            inputs, outputs, bias: bias, initializer: initializer?.initializer ?? context.initializer)
    }
}

/// A number of outputs: given, or that of the classes or targets.
public enum Units: ConfigurationRepresentable, Hashable {
    case automatic
    case count(Int)

    public init(configuration node: ConfigurationNode) throws {
        switch node.content {
        case .string("auto"): self = .automatic
        case .integer(let count) where count >= 1: self = .count(count)
        default: throw node.mismatch(expected: "auto, or a whole number of at least 1")
        }
    }

    public var configuration: ConfigurationValue {
        switch self {
        case .automatic: "auto"
        case .count(let count): .integer(count)
        }
    }

    func count(_ context: LayerContext) -> Int {
        switch self {
        case .automatic: context.outputs
        case .count(let count): count
        }
    }
}
