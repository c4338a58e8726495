/// The same elements in the same order under another shape.
public struct Reshape: Primitive {
    public let shape: Shape

    public var description: String { "reshape to \(shape)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        guard inputs[0].shape.count == shape.count else {
            throw ShapeError(
                "reshape", "\(inputs[0].shape.count) elements do not fill \(shape), which holds \(shape.count)", inputs)
        }
        return TensorType(shape, inputs[0].dtype)
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        ReferenceArray(shape, inputs[0].values)
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [cotangent.reshaped(to: inputs[0].shape)]
    }
}

extension Tensor {
    /// The same elements in the same order under `shape`.
    public func reshaped(to shape: Shape) -> Tensor {
        shape == self.shape ? self : .apply(Reshape(shape: shape), [self])
    }

    /// The elements in one axis, or all axes from `axis` on in one.
    public func flattened(from axis: Int = 0) -> Tensor {
        let axis = axis < 0 ? axis + rank : axis
        let kept = shape.dimensions.prefix(axis)
        return reshaped(to: Shape(Array(kept) + [shape.dimensions.dropFirst(axis).reduce(1, *)]))
    }

    /// This tensor with an axis of extent one inserted at `axis`.
    public func expanded(at axis: Int) -> Tensor {
        var dimensions = shape.dimensions
        dimensions.insert(1, at: axis < 0 ? axis + rank + 1 : axis)
        return reshaped(to: Shape(dimensions))
    }
}
