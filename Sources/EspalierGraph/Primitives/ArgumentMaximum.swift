/// Where along the last axis the largest element stands; the first of equals, and of NaNs the first.
public struct ArgumentMaximum: Primitive {
    public var description: String { "argument maximum" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        guard let extent = inputs[0].shape.dimensions.last, extent > 0, inputs[0].dtype == .float32 else {
            throw ShapeError(description, "needs float32 elements along a last axis that is not empty", inputs)
        }
        return TensorType(Shape(inputs[0].shape.dimensions.dropLast()), .int32)
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        ReferenceArray(
            type.shape,
            inputs[0].rows.map { row in
                var best = 0
                for (index, value) in row.enumerated() {
                    if row[row.startIndex + best].isNaN { break }
                    if value > row[row.startIndex + best] || value.isNaN { best = index }
                }
                return Double(best)
            })
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [nil] }
}

extension Tensor {
    /// The index (int32) of the largest element along `axis`, which vanishes; the first of equals, and of NaNs.
    public func argumentMaximum(axis: Int = -1) -> Tensor {
        var order = Array(0..<rank)
        if rank > 0 { order.append(order.remove(at: resolved(axis, for: "argument maximum"))) }
        return .apply(ArgumentMaximum(), [transposed(order)])
    }

    /// The index (int32) of the smallest element along `axis`, which vanishes; the first of equals, and of NaNs.
    public func argumentMinimum(axis: Int = -1) -> Tensor { (-self).argumentMaximum(axis: axis) }
}

extension ReferenceArray {
    /// The runs of elements along the last axis.
    var rows: [ArraySlice<Double>] {
        guard let width = shape.dimensions.last, width > 0 else { return [] }
        return stride(from: 0, to: values.count, by: width).map { values[$0..<$0 + width] }
    }
}
