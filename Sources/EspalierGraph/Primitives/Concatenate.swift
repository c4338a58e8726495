/// Tensors put one after the other along an axis.
public struct Concatenate: Primitive {
    public let axis: Int

    public var description: String { "concatenate along \(axis)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        guard let first = inputs.first, (0..<first.shape.rank).contains(axis),
            inputs.allSatisfy({
                $0.dtype == first.dtype && $0.shape.rank == first.shape.rank
                    && $0.shape.removing([axis]) == first.shape.removing([axis])
            })
        else {
            throw ShapeError(
                "concatenate", "operands must have one element type and agree on every axis but \(axis)", inputs)
        }
        var dimensions = first.shape.dimensions
        dimensions[axis] = inputs.reduce(0) { $0 + $1.shape[axis] }
        return TensorType(Shape(dimensions), first.dtype)
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        ReferenceArray(type.shape) { index in
            var index = index
            var part = 0
            while index[axis] >= inputs[part].shape[axis] {
                index[axis] -= inputs[part].shape[axis]
                part += 1
            }
            return inputs[part][index]
        }
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        var start = 0
        return inputs.map { input in
            defer { start += input.shape[axis] }
            return cotangent.slice(start..<start + input.shape[axis], axis: axis)
        }
    }
}

extension Tensor {
    /// The tensors one after the other along `axis`; a negative axis counts from the end.
    public static func concatenate(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
        let axis = tensors.first?.resolved(axis, for: "concatenate") ?? axis
        return tensors.count == 1 ? tensors[0] : .apply(Concatenate(axis: axis), tensors)
    }
}
