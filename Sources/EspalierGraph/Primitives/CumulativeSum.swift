/// Running sums along an axis: y_i = sum of x_j over j <= i, or in reverse over j >= i.
public struct CumulativeSum: Primitive {
    public let axis: Int
    public let isReversed: Bool

    public var description: String { "cumulative sum along \(axis)\(isReversed ? ", reversed" : "")" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        guard inputs[0].dtype == .float32, inputs[0].shape.dimensions.indices.contains(axis) else {
            throw ShapeError(description, "needs float32 elements and an axis that the operand has", inputs)
        }
        return inputs[0]
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        var result = inputs[0]
        type.shape.forEachIndex { index in
            var index = index, previous = index
            // Whichever way the sums run, an element's predecessor is known before it.
            if isReversed { index[axis] = type.shape[axis] - 1 - index[axis] }
            previous[axis] = index[axis] + (isReversed ? 1 : -1)
            if previous[axis] >= 0, previous[axis] < type.shape[axis] { result[index] += result[previous] }
        }
        return result
    }

    /// Element j is part of every sum from j on.
    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [cotangent.cumulativeSum(axis: axis, reversed: !isReversed)]
    }
}

extension Tensor {
    /// The sum of each element and all before it along `axis`; with `reversed`, of it and all after it.
    public func cumulativeSum(axis: Int, reversed: Bool = false) -> Tensor {
        .apply(CumulativeSum(axis: resolved(axis, for: "cumulative sum"), isReversed: reversed), [self])
    }
}
