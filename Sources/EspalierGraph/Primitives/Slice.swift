/// A box cut out of a tensor: along each axis `count` elements from `start`, `step` apart.
public struct Slice: Primitive {
    public let starts: [Int]
    public let counts: [Int]
    public let steps: [Int]

    public var description: String { "slice \(starts) x \(counts) step \(steps)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        let shape = inputs[0].shape
        let fits =
            starts.count == shape.rank && counts.count == shape.rank && steps.count == shape.rank
            && (0..<shape.rank).allSatisfy { axis in
                (0...shape[axis]).contains(starts[axis]) && counts[axis] >= 0 && steps[axis] >= 1
                    && (counts[axis] == 0 || starts[axis] + (counts[axis] - 1) * steps[axis] < shape[axis])
            }
        guard fits else {
            throw ShapeError("slice", "starts \(starts), counts \(counts), steps \(steps) leave the operand", inputs)
        }
        return TensorType(Shape(counts), inputs[0].dtype)
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        ReferenceArray(type.shape) { index in
            inputs[0][index.indices.map { starts[$0] + index[$0] * steps[$0] }]
        }
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let shape = inputs[0].shape
        let spans = counts.indices.map { counts[$0] == 0 ? 0 : (counts[$0] - 1) * steps[$0] + 1 }
        return [
            cotangent.padded(
                before: starts, after: starts.indices.map { shape[$0] - starts[$0] - spans[$0] },
                between: steps.map { $0 - 1 })
        ]
    }
}

extension Tensor {
    /// Along each axis `counts` elements from `starts`, `steps` apart (one, if not given).
    public func slice(starts: [Int], counts: [Int], steps: [Int]? = nil) -> Tensor {
        let steps = steps ?? [Int](repeating: 1, count: starts.count)
        if counts == shape.dimensions, steps.allSatisfy({ $0 == 1 }), starts.allSatisfy({ $0 == 0 }) { return self }
        return .apply(Slice(starts: starts, counts: counts, steps: steps), [self])
    }

    /// The elements of `range` along `axis`; a negative axis counts from the end.
    public func slice(_ range: Range<Int>, axis: Int = 0) -> Tensor {
        let axis = resolved(axis, for: "slice")
        var starts = [Int](repeating: 0, count: rank), counts = shape.dimensions
        starts[axis] = range.lowerBound
        counts[axis] = range.count
        return slice(starts: starts, counts: counts)
    }
}
