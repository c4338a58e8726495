import EspalierGraph
import EspalierSpec

/// The gated linear unit: one half of the values, each multiplied by a gate from the other half.
///
/// y = a sigmoid(b), where a and b are the first and second half of x along an axis.
///
/// Shapes: x [..., 2 C, ...], y [..., C, ...].
///
/// Source: Dauphin, Fan, Auli and Grangier 2017, "Language modeling with gated convolutional networks".
///
/// Use it for sequences and attention blocks; not where parameters are few: the layer before it is twice as wide.
public final class GLU: Activation {
    /// The axis that is halved; negative ones count from the end.
    public let axis: Int

    /// - Parameter axis: The axis that is halved, not that of samples; the last, as PyTorch, if not given.
    public init(axis: Int = -1) { self.axis = axis }

    public func forward(_ x: Tensor) -> Tensor {
        let (value, gate) = halves(x)
        return value * gate.sigmoid()
    }

    private func halves(_ x: Tensor) -> (value: Tensor, gate: Tensor) {
        guard let axis = x.shape.axis(axis), axis > 0, x.shape[axis] % 2 == 0 else {
            preconditionFailure("glu halves axis \(axis), and \(x.shape) arrives")
        }
        let half = x.shape[axis] / 2
        return (x.slice(0..<half, axis: axis), x.slice(half..<2 * half, axis: axis))
    }

    /// The values pass linearly, as Xavier's derivation assumes.
    public var matchingInitializer: any Initializer { XavierUniform() }

    /// Of the gates: beyond it they no longer learn, and below it their values pass nothing on.
    public var saturation: Saturation { .sigmoid }

    public func isSaturated(_ x: Tensor) -> Tensor { Sigmoid().isSaturated(halves(x).gate) }

    public var description: String { "GLU(axis: \(axis))" }
}

/// `glu` in a configuration.
public struct GLUSpecification: LayerSpecification {
    public var axis = -1

    public static let kind = LayerKind.activation
    public static let name = "glu"
    public static let summary = "One half of the values times the sigmoid of the other half"
    public static let fields = [
        Field("axis", \Self.axis, "axis that is halved: 0 is that of samples, -1 the last", accepting: "any but 0") {
            $0 != 0
        }
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        let axis = try context.axis(axis, of: Self.name)
        guard context.input[axis - 1] % 2 == 0 else {
            throw EspalierError(
                "glu halves an axis of \(context.input[axis - 1]) values", expected: "an even number",
                fix: "twice as many units before it as are to leave")
        }
        return GLU(axis: self.axis)
    }
}

extension LayerContext {
    /// The axis that is meant where 0 is that of samples and negative ones count from the end.
    func axis(_ axis: Int, of name: String) throws -> Int {
        let shape = Shape([1] + input.dimensions)
        guard let resolved = shape.axis(axis), resolved > 0 else {
            throw EspalierError(
                "\(name) along axis \(axis), and samples of \(input) arrive",
                expected: "an axis from 1 to \(input.rank), or from -\(input.rank) to -1")
        }
        return resolved
    }
}
