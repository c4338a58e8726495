import Foundation

/// exp(x_i) / sum_j exp(x_j) along the last axis, or its logarithm.
public struct Softmax: Primitive {
    public let isLogarithmic: Bool

    public var description: String { isLogarithmic ? "log-softmax" : "softmax" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        guard inputs[0].shape.rank >= 1, inputs[0].dtype == .float32 else {
            throw ShapeError(description, "needs float32 elements along a last axis", inputs)
        }
        return inputs[0]
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        ReferenceArray(
            type.shape,
            inputs[0].rows.flatMap { row in
                let logarithm = logSumExp(row)
                return row.map { isLogarithmic ? $0 - logarithm : exp($0 - logarithm) }
            })
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output y: Tensor) -> [Tensor?] {
        let g = cotangent
        if isLogarithmic {
            return [g - y.exp() * g.sum(axes: [-1], keepDimensions: true)]
        }
        return [y * (g - (g * y).sum(axes: [-1], keepDimensions: true))]
    }
}

/// log(sum(exp(x))), without overflow.
func logSumExp(_ row: ArraySlice<Double>) -> Double {
    let largest = row.max() ?? -.infinity
    return largest + log(row.reduce(0) { $0 + exp($1 - largest) })
}

extension Tensor {
    /// exp(x) / sum(exp(x)) along the last axis.
    public func softmax() -> Tensor { .apply(Softmax(isLogarithmic: false), [self]) }
    /// x - log(sum(exp(x))) along the last axis.
    public func logSoftmax() -> Tensor { .apply(Softmax(isLogarithmic: true), [self]) }
}
