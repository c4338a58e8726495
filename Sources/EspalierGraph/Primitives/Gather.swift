/// Slices picked along an axis by whole numbers: axis `axis` of the operand is replaced by the axes of the indices.
public struct Gather: Primitive {
    public let axis: Int

    public var description: String { "gather along \(axis)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        let values = inputs[0].shape.dimensions
        guard inputs[1].dtype == .int32, values.indices.contains(axis) else {
            throw ShapeError(description, "needs int32 indices and an axis that the operand has", inputs)
        }
        let shape = values[..<axis] + inputs[1].shape.dimensions + values[(axis + 1)...]
        return TensorType(Shape(Array(shape)), inputs[0].dtype)
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        let picked = inputs[1].shape.rank
        return ReferenceArray(type.shape) { index in
            let position = Int(inputs[1][Array(index[axis..<axis + picked])])
            return inputs[0][Array(index[..<axis]) + [position] + Array(index[(axis + picked)...])]
        }
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [.apply(ScatterAdd(axis: axis, extent: inputs[0].shape[axis]), [cotangent, inputs[1]]), nil]
    }
}

/// The transpose of `Gather`: slices added up at the places that whole numbers name, zero elsewhere.
public struct ScatterAdd: Primitive {
    public let axis: Int
    /// The extent of the axis that the slices are put along.
    public let extent: Int

    public var description: String { "scatter-add along \(axis) of extent \(extent)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        let values = inputs[0].shape.dimensions, indices = inputs[1].shape.dimensions
        guard inputs[1].dtype == .int32, inputs[0].dtype == .float32, values.count >= axis + indices.count,
            Array(values[axis..<axis + indices.count]) == indices
        else {
            throw ShapeError(description, "needs float32 values and int32 indices of the same axes", inputs)
        }
        return TensorType(Shape(Array(values[..<axis] + [extent] + values[(axis + indices.count)...])))
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        var result = ReferenceArray(type.shape, repeating: 0)
        let picked = inputs[1].shape.rank
        inputs[0].shape.forEachIndex { index in
            let position = Int(inputs[1][Array(index[axis..<axis + picked])])
            result[Array(index[..<axis]) + [position] + Array(index[(axis + picked)...])] += inputs[0][index]
        }
        return result
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [.apply(Gather(axis: axis), [cotangent, inputs[1]]), nil]
    }
}

extension Tensor {
    /// The slices at `indices` (int32, any shape) along `axis`.
    public func gather(_ indices: Tensor, axis: Int = 0) -> Tensor {
        .apply(Gather(axis: resolved(axis, for: "gather")), [self, indices])
    }
}
