/// Element by element one of two tensors, as a truth value says.
public struct Select: Primitive {
    public var description: String { "select" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        guard inputs[0].dtype == .bool, inputs[1].dtype == inputs[2].dtype,
            inputs[0].shape == inputs[1].shape, inputs[1].shape == inputs[2].shape
        else {
            throw ShapeError(
                description, "needs a bool condition and two alternatives of one type that broadcast to one shape",
                inputs)
        }
        return inputs[1]
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        ReferenceArray(
            type.shape,
            inputs[0].values.indices.map { inputs[inputs[0].values[$0] != 0 ? 1 : 2].values[$0] })
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [nil, .select(inputs[0], cotangent, 0), .select(inputs[0], 0, cotangent)]
    }
}

extension Tensor {
    /// `first` where `condition` holds, else `second`; the three broadcast to one shape.
    public static func select(_ condition: Tensor, _ first: Tensor, _ second: Tensor) -> Tensor {
        let (first, second) = unified(first, second)
        guard let both = first.shape.broadcast(with: second.shape), let shape = condition.shape.broadcast(with: both)
        else { return .apply(Select(), [condition, first, second]) }
        return .apply(Select(), [condition, first, second].map { $0.broadcast(to: shape) })
    }
}
