/// The negative log-likelihood of a class under the softmax of logits: logits [..., C], labels [...], losses [...].
///
/// loss = log(sum_j exp(z_j)) - z_label
public struct CrossEntropy: Primitive {
    public var description: String { "cross-entropy" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        guard inputs[0].dtype == .float32, inputs[1].dtype == .int32, inputs[0].shape.rank >= 1,
            Array(inputs[0].shape.dimensions.dropLast()) == inputs[1].shape.dimensions
        else {
            throw ShapeError(
                description, "needs float32 logits [..., classes] and int32 labels [...] with the same leading axes",
                inputs)
        }
        return TensorType(inputs[1].shape)
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        ReferenceArray(
            type.shape,
            zip(inputs[0].rows, inputs[1].values).map { row, label in
                logSumExp(row) - row[row.startIndex + Int(label)]
            })
    }

    /// softmax(z) - onehot(label), times the cotangent.
    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let logits = inputs[0]
        let isLabel = Tensor.iota(logits.shape, axis: logits.rank - 1) .== inputs[1].expanded(at: -1)
        let difference = logits.softmax() - isLabel.cast(to: .float32)
        return [difference * cotangent.expanded(at: -1), nil]
    }
}

extension Tensor {
    /// The negative log-likelihood of each label (int32, [...]) under the softmax of these logits [..., classes].
    public func crossEntropy(labels: Tensor) -> Tensor { .apply(CrossEntropy(), [self, labels]) }
}
