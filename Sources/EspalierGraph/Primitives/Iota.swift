/// The position of each element along an axis.
public struct Iota: Primitive {
    public let shape: Shape
    public let axis: Int

    public var description: String { "iota \(shape) along \(axis)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        guard (0..<shape.rank).contains(axis) else {
            throw ShapeError("iota", "\(shape) has no axis \(axis)", inputs)
        }
        return TensorType(shape, .int32)
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        ReferenceArray(shape) { Double($0[axis]) }
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [] }
}

extension Tensor {
    /// 0, 1, 2, … along `axis`, the same along every other axis.
    public static func iota(_ shape: Shape, axis: Int = 0) -> Tensor {
        .apply(Iota(shape: shape, axis: shape.axis(axis) ?? axis), [])
    }
}
