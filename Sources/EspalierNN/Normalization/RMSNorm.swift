import EspalierGraph
import EspalierSpec

/// Divides each sample by its root mean square over its last axes, then scales it: y = gamma x / sqrt(mean(x^2) + eps).
///
/// gamma (`weight`) is learned. Shapes: x [..., shape]; gamma `shape`.
///
/// Source: Zhang and Sennrich 2019, "Root mean square layer normalization".
///
/// Use it in place of `layerNorm` in large transformers, as it is cheaper; not where inputs have means that should be
/// taken out.
public final class RMSNorm: Layer {
    /// gamma; nothing without `affine`.
    public let weight: Parameter?
    /// The extents of the last axes of x.
    public let shape: Shape
    /// Added to the mean square.
    public let eps: Double

    /// - Parameters:
    ///   - shape: The extents of the last axes of x, over which the mean is taken.
    ///   - eps: Added to the mean square; 2^-23, as PyTorch takes for single precision.
    ///   - affine: Whether gamma is learned.
    public init(_ shape: Shape, eps: Double = 0x1p-23, affine: Bool = true) {
        self.shape = shape
        self.eps = eps
        weight = affine ? Parameter(shape, Ones(), role: .normalization) : nil
    }

    /// For a last axis of extent `width`.
    public convenience init(_ width: Int, eps: Double = 0x1p-23, affine: Bool = true) {
        self.init([width], eps: eps, affine: affine)
    }

    public func forward(_ x: Tensor) -> Tensor {
        requireTrailing(shape, of: x, "root mean square normalization")
        let y = x.overRows(of: shape.count) { rows in
            rows * (rows.squared().mean(axes: [-1], keepDimensions: true) + eps).rsqrt()
        }
        return weight.map { y * $0.wrappedValue } ?? y
    }

    public var description: String {
        "RMSNorm(\(shape)\(weight == nil ? ", affine: false" : ""))"
    }
}

/// `rmsNorm` in a configuration.
public struct RMSNormSpecification: LayerSpecification {
    public var eps = 0x1p-23
    public var affine = true

    public static let kind = LayerKind.normalization
    public static let name = "rmsNorm"
    public static let summary = "Divides each sample by its root mean square over its last axis, then scales it"
    public static let fields = [
        Field("eps", \Self.eps, "added to the mean square", in: .positive),
        Field("affine", \Self.affine, "whether the scale is learned"),
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        RMSNorm(try context.lastAxis(Self.name), eps: eps, affine: affine)
    }
}
