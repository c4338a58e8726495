/// Elements picked along an axis, each line by whole numbers of its own: y[..., i, ...] = x[..., index[..., i, ...], ...].
///
/// Operand and indices agree on every other axis.
public struct TakeAlongAxis: Primitive {
    public let axis: Int

    public var description: String { "take along \(axis)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        let values = inputs[0].shape, indices = inputs[1].shape
        guard inputs[1].dtype == .int32, values.dimensions.indices.contains(axis), values.rank == indices.rank,
            values.removing([axis]) == indices.removing([axis])
        else {
            throw ShapeError(description, "needs int32 indices that agree with the values on every other axis", inputs)
        }
        return TensorType(indices, inputs[0].dtype)
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        ReferenceArray(type.shape) { index in
            var source = index
            source[axis] = Int(inputs[1][index])
            return inputs[0][source]
        }
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [.apply(AddAlongAxis(axis: axis, extent: inputs[0].shape[axis]), [cotangent, inputs[1]]), nil]
    }
}

/// The transpose of `TakeAlongAxis`: elements added up at the places along an axis that whole numbers name, zero
/// elsewhere.
public struct AddAlongAxis: Primitive {
    public let axis: Int
    /// The extent of the axis that the elements are put along.
    public let extent: Int

    public var description: String { "add along \(axis) of extent \(extent)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        var dimensions = inputs[0].shape.dimensions
        guard inputs[0].dtype == .float32, inputs[1].dtype == .int32, inputs[0].shape == inputs[1].shape,
            dimensions.indices.contains(axis)
        else {
            throw ShapeError(description, "needs float32 values and int32 indices of one shape", inputs)
        }
        dimensions[axis] = extent
        return TensorType(Shape(dimensions))
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        var result = ReferenceArray(type.shape, repeating: 0)
        inputs[0].shape.forEachIndex { index in
            var target = index
            target[axis] = Int(inputs[1][index])
            result[target] += inputs[0][index]
        }
        return result
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [.apply(TakeAlongAxis(axis: axis), [cotangent, inputs[1]]), nil]
    }
}

extension Tensor {
    /// Elements picked along `axis` by `indices` (int32), which have this tensor's extents along every other axis.
    public func take(_ indices: Tensor, axis: Int) -> Tensor {
        .apply(TakeAlongAxis(axis: resolved(axis, for: "take along an axis")), [self, indices])
    }
}
