import EspalierGraph
import EspalierSpec

/// One less the cosine of the angle between the outputs and the target, whatever their lengths.
///
///     loss = 1 - x . t / sqrt((|x|^2 + eps) (|t|^2 + eps))
///
/// Shapes: both [N, width], loss [N], from 0 (the same direction) to 2 (the opposite one). eps is 1e-12, as in PyTorch's
/// `CosineEmbeddingLoss`, which this is for pairs that belong together.
///
/// Use it for embeddings, of which only the direction counts. Not for a single output: its direction is a sign.
///
/// Source: Salton, Wong and Yang 1975, "A vector space model for automatic indexing".
public struct CosineLoss: Loss {
    public static let name = "cosine"
    public static let summary = "One less the cosine of the angle between outputs and target"
    public static let fields: [Field<Self>] = []
    public static let target = TargetKind.values

    public init() {}

    public func callAsFunction(_ predictions: Tensor, _ targets: Tensor) -> Tensor {
        let x = predictions.flattened(from: 1), t = targets.flattened(from: 1)
        func squaredLength(_ x: Tensor) -> Tensor { x.squared().sum(axes: [1]) + 1e-12 }
        return 1 - (x * t).sum(axes: [1]) / (squaredLength(x) * squaredLength(t)).sqrt()
    }

    public func check(_ kind: TargetKind, count: Int) throws {
        guard count < 2 else { return }
        throw EspalierError("cosine: a single value has no direction", expected: "at least two target values")
    }
}
