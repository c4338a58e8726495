/// Values less their mean, over their standard deviation: (x - mean) / sqrt(variance + eps), the statistics taken
/// over some axes, the variance divided by the count.
///
/// A primitive only for its derivative, which is shorter than what its parts would give; engines expand it.
public struct Standardize: Expandable {
    public let axes: [Int]
    public let eps: Double

    public var description: String { "standardize over \(axes)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        let shape = inputs[0].shape
        guard inputs[0].dtype == .float32, !axes.isEmpty, axes.allSatisfy({ (0..<shape.rank).contains($0) }) else {
            throw ShapeError(description, "needs float32 elements and axes among 0..<\(shape.rank)", inputs)
        }
        return inputs[0]
    }

    public func expanded(_ inputs: [Tensor]) -> Tensor {
        let x = inputs[0]
        let centred = x - x.mean(axes: axes, keepDimensions: true)
        return centred * (x.variance(axes: axes, keepDimensions: true) + eps).rsqrt()
    }

    /// dx = (g - mean(g) - y mean(g y)) / sqrt(variance + eps).
    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output y: Tensor) -> [Tensor?] {
        let g = cotangent
        let inverse = (inputs[0].variance(axes: axes, keepDimensions: true) + eps).rsqrt()
        let mean = g.mean(axes: axes, keepDimensions: true)
        let projection = (g * y).mean(axes: axes, keepDimensions: true)
        return [(g - mean - y * projection) * inverse]
    }
}

extension Tensor {
    /// (x - mean) / sqrt(variance + eps) with mean and (biased) variance over `axes`.
    public func standardized(axes: [Int], eps: Double) -> Tensor {
        .apply(Standardize(axes: axes.map { $0 < 0 ? $0 + rank : $0 }.sorted(), eps: eps), [self])
    }
}
