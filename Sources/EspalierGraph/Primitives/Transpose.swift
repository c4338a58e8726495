/// A tensor with its axes in another order: axis i of the result is axis `order[i]` of the operand.
public struct Transpose: Primitive {
    public let order: [Int]

    public var description: String { "transpose \(order)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        guard order.sorted() == Array(0..<inputs[0].shape.rank) else {
            throw ShapeError("transpose", "\(order) is no order of \(inputs[0].shape.rank) axes", inputs)
        }
        return TensorType(Shape(order.map { inputs[0].shape[$0] }), inputs[0].dtype)
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        ReferenceArray(type.shape) { index in
            var source = index
            for (axis, from) in order.enumerated() { source[from] = index[axis] }
            return inputs[0][source]
        }
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [cotangent.transposed(order.indices.map { order.firstIndex(of: $0)! })]
    }
}

extension Tensor {
    /// The axes in the given order; without one, the last two are exchanged.
    public func transposed(_ order: [Int]? = nil) -> Tensor {
        var axes = Array(0..<rank)
        if rank >= 2 { axes.swapAt(rank - 1, rank - 2) }
        let order = order ?? axes
        return order == Array(0..<rank) ? self : .apply(Transpose(order: order), [self])
    }
}
