import EspalierGraph
import EspalierSpec

/// Standardises each sample over its last axes, then scales and shifts it: y = gamma (x - mean) / sqrt(variance + eps) + beta.
///
/// Mean and (biased) variance are those of the values at the last axes, so that training and inference do the same and
/// the batch does not matter. gamma (`weight`) and beta (`bias`) are learned.
///
/// Shapes: x [..., shape]; gamma and beta `shape`.
///
/// Source: Ba, Kiros and Hinton 2016, "Layer normalization".
///
/// Use it in transformers and recurrent networks; not in convolutional ones, where it mixes channels of different
/// scales and batch or group normalisation does better.
public final class LayerNorm: Layer {
    /// gamma; nothing without `affine`.
    public let weight: Parameter?
    /// beta; nothing without `affine`.
    public let bias: Parameter?
    /// The extents of the last axes of x.
    public let shape: Shape
    /// Added to the variance.
    public let eps: Double

    /// - Parameters:
    ///   - shape: The extents of the last axes of x, over which it standardises.
    ///   - eps: Added to the variance; 1e-5 as PyTorch.
    ///   - affine: Whether gamma and beta are learned.
    public init(_ shape: Shape, eps: Double = 1e-5, affine: Bool = true) {
        self.shape = shape
        self.eps = eps
        weight = affine ? Parameter(shape, Ones(), role: .normalization) : nil
        bias = affine ? Parameter(shape, Zeros(), role: .normalization) : nil
    }

    /// For a last axis of extent `width`.
    public convenience init(_ width: Int, eps: Double = 1e-5, affine: Bool = true) {
        self.init([width], eps: eps, affine: affine)
    }

    public func forward(_ x: Tensor) -> Tensor {
        requireTrailing(shape, of: x, "layer normalization")
        let y = x.overRows(of: shape.count) { $0.standardized(axes: [-1], eps: eps) }
        let scaled = weight.map { y * $0.wrappedValue } ?? y
        return bias.map { scaled + $0.wrappedValue } ?? scaled
    }

    public var description: String {
        "LayerNorm(\(shape)\(weight == nil ? ", affine: false" : ""))"
    }
}

/// Stops a program whose tensor does not end with the axes that a layer was made for.
func requireTrailing(_ shape: Shape, of x: Tensor, _ layer: String) {
    precondition(
        x.rank >= shape.rank && Array(x.shape.dimensions.suffix(shape.rank)) == shape.dimensions,
        "\(layer) over \(shape), and \(x.shape) arrives")
}

extension Tensor {
    /// `function` of this tensor seen as rows of `width` values.
    func overRows(of width: Int, _ function: (Tensor) -> Tensor) -> Tensor {
        let isRows = shape.dimensions.last == width
        return function(isRows ? self : reshaped(to: [count / width, width])).reshaped(to: shape)
    }
}

/// `layerNorm` in a configuration.
public struct LayerNormSpecification: LayerSpecification {
    public var eps = 1e-5
    public var affine = true
    /// The extents of the last axes; nothing for the last axis alone.
    public var shape: [Int]?

    public static let kind = LayerKind.normalization
    public static let name = "layerNorm"
    public static let summary = "Standardises each sample over its last axes, then scales and shifts it"
    public static let fields = [
        Field("eps", \Self.eps, "added to the variance", in: .positive),
        Field("affine", \Self.affine, "whether scale and shift are learned"),
        Field(
            "shape", \Self.shape, "extents of the last axes, over which it standardises; null is the last axis alone",
            accepting: "a list of at least one whole number, or null", where: { $0?.isEmpty != true }),
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        let width = try context.lastAxis(Self.name)
        guard let shape else { return LayerNorm(width, eps: eps, affine: affine) }
        guard context.input.dimensions.suffix(shape.count) == shape[...] else {
            throw EspalierError(
                "layerNorm over \(shape), and samples of \(context.input) arrive",
                expected: "the last of their extents",
                fix: "shape: \(context.input)")
        }
        return LayerNorm(Shape(shape), eps: eps, affine: affine)
    }
}

extension LayerContext {
    /// The extent of the last axis of the samples that arrive at layer `name`.
    func lastAxis(_ name: String) throws -> Int {
        guard let width = input.dimensions.last else {
            throw EspalierError(
                "\(name) takes samples with an axis of features, and single values arrive",
                expected: "samples of shape [..., features]")
        }
        return width
    }
}
