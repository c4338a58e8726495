/// A tensor with `value` put around and between its elements along each axis.
public struct Pad: Primitive {
    public let before: [Int]
    public let after: [Int]
    public let between: [Int]
    public let value: Double

    public var description: String { "pad \(before) \(after) \(between) with \(value)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        let shape = inputs[0].shape
        guard [before, after, between].allSatisfy({ $0.count == shape.rank && $0.allSatisfy { $0 >= 0 } }) else {
            throw ShapeError("pad", "needs one non-negative amount for each of \(shape.rank) axes", inputs)
        }
        let padded = (0..<shape.rank).map { axis in
            before[axis] + after[axis] + shape[axis] + max(shape[axis] - 1, 0) * between[axis]
        }
        return TensorType(Shape(padded), inputs[0].dtype)
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        var result = ReferenceArray(type.shape, repeating: value)
        inputs[0].shape.forEachIndex { index in
            result[index.indices.map { before[$0] + index[$0] * (between[$0] + 1) }] = inputs[0][index]
        }
        return result
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [cotangent.slice(starts: before, counts: inputs[0].shape.dimensions, steps: between.map { $0 + 1 })]
    }
}

extension Tensor {
    /// `value` put before, after, and between the elements along each axis.
    public func padded(before: [Int], after: [Int], between: [Int]? = nil, value: Double = 0) -> Tensor {
        let between = between ?? [Int](repeating: 0, count: rank)
        if (before + after + between).allSatisfy({ $0 == 0 }) { return self }
        return .apply(Pad(before: before, after: after, between: between, value: value), [self])
    }
}
