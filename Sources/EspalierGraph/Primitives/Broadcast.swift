/// A tensor repeated along new leading axes and along axes of extent one.
public struct Broadcast: Primitive {
    public let shape: Shape

    public var description: String { "broadcast to \(shape)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        guard inputs[0].shape.broadcast(with: shape) == shape else {
            throw ShapeError("broadcast", "does not stretch to \(shape): extents must be equal or one", inputs)
        }
        return TensorType(shape, inputs[0].dtype)
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        let source = inputs[0]
        let added = shape.rank - source.shape.rank
        return ReferenceArray(shape) { index in
            source[zip(index.dropFirst(added), source.shape.dimensions).map { $1 == 1 ? 0 : $0 }]
        }
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let source = inputs[0].shape
        let added = shape.rank - source.rank
        let stretched = (0..<shape.rank).filter { $0 < added || source[$0 - added] != shape[$0] }
        return [cotangent.sum(axes: stretched).reshaped(to: source)]
    }
}

extension Tensor {
    /// This tensor with axes of extent one, and missing leading axes, repeated to fill `shape`.
    public func broadcast(to shape: Shape) -> Tensor {
        shape == self.shape ? self : .apply(Broadcast(shape: shape), [self])
    }
}
