/// Where the first `count` elements in order stand along the last axis: x [..., n], result int32 [..., count].
///
/// Equal elements keep their order. A NaN counts as larger than any number, as in PyTorch: it comes last in rising
/// order, first in falling order.
public struct ArgumentSort: Primitive {
    public let isDescending: Bool
    public let count: Int

    public var description: String { "argument sort, first \(count) in \(isDescending ? "falling" : "rising") order" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        guard let extent = inputs[0].shape.dimensions.last, inputs[0].dtype == .float32, (0...extent).contains(count)
        else {
            throw ShapeError(description, "needs float32 elements, at least \(count) along a last axis", inputs)
        }
        return TensorType(Shape(inputs[0].shape.dimensions.dropLast() + [count]), .int32)
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        ReferenceArray(
            type.shape,
            inputs[0].rows.flatMap { row in
                let row = Array(row)
                return row.indices.sorted { precedes(row[$0], row[$1]) ?? ($0 < $1) }.prefix(count).map(Double.init)
            })
    }

    /// Whether `a` comes before `b`; nothing where they are equal.
    private func precedes(_ a: Double, _ b: Double) -> Bool? {
        if a.isNaN || b.isNaN { return a.isNaN == b.isNaN ? nil : b.isNaN != isDescending }
        return a == b ? nil : (a < b) != isDescending
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [nil] }
}

extension Tensor {
    /// The positions (int32) that put the elements along `axis` in order; equal elements keep theirs, NaN is largest.
    public func argumentSort(axis: Int = -1, descending: Bool = false) -> Tensor {
        let axis = resolved(axis, for: "argument sort")
        return argumentSort(axis: axis, descending: descending, count: shape[axis])
    }

    private func argumentSort(axis: Int, descending: Bool, count: Int) -> Tensor {
        alongLast(axis) { .apply(ArgumentSort(isDescending: descending, count: count), [$0]) }
    }

    /// The elements in order along `axis`, and where each of them stood (int32).
    ///
    /// Equal elements keep their order; NaN counts as larger than any number. The derivative follows the elements.
    public func sorted(axis: Int = -1, descending: Bool = false) -> (values: Tensor, indices: Tensor) {
        let indices = argumentSort(axis: axis, descending: descending)
        return (take(indices, axis: axis), indices)
    }

    /// The `count` largest elements along `axis`, the largest first, and where they stand (int32); the smallest,
    /// the smallest first, without `largest`.
    ///
    /// Of equal elements the first is taken; NaN counts as larger than any number.
    public func top(_ count: Int, axis: Int = -1, largest: Bool = true) -> (values: Tensor, indices: Tensor) {
        let axis = resolved(axis, for: "top")
        let indices = argumentSort(axis: axis, descending: largest, count: count)
        return (take(indices, axis: axis), indices)
    }
}
