import EspalierGraph

extension PrimitiveCase {
    /// Running sums, sorting, elements by their indices; what is made of them; recomputation.
    static let alongAxes: [PrimitiveCase] = [
        .init("cumulative sum of rows", .uniform(-2...2), rank: 1) { $0[0].cumulativeSum(axis: -1).squared() },
        .init("cumulative sum of columns", .uniform(-2...2), rank: 2) {
            $0[0].cumulativeSum(axis: 0, reversed: true) * $0[0].cumulativeSum(axis: -2)
        },
        .init("sort", .distinct(offset: 0), rank: 1) { x in
            let sorted = x[0].sorted()
            return sorted.values.squared() * sorted.indices.cast(to: .float32)
        },
        .init("sort columns, falling", .distinct(offset: 0), rank: 2) {
            $0[0].sorted(axis: 0, descending: true).values.squared()
        },
        .init("top", .distinct(offset: 0), rank: 1) { x in
            let top = x[0].top(1 + x[0].shape[x[0].rank - 1] / 3)
            return top.values.squared() + top.indices.cast(to: .float32)
        },
        .init("smallest of columns", .distinct(offset: 0), rank: 2) { x in
            x[0].top(min(2, x[0].shape[0]), axis: 0, largest: false).values.squared()
        },
        .init("argument maximum of columns", .distinct(offset: 0), rank: 2) {
            $0[0].argumentMaximum(axis: 0).cast(to: .float32) * $0[0]
        },
        .init("argument minimum", .distinct(offset: 0), rank: 2) {
            $0[0].argumentMinimum(axis: -2).cast(to: .float32).expanded(at: -2) * $0[0].squared()
        },
        .init("take along rows", .uniform(-2...2), .indices(below: 4), shapes: [[3, 4], [3, 6]]) {
            $0[0].take($0[1], axis: 1).squared()
        },
        .init("take along columns", .uniform(-2...2), .indices(below: 3), shapes: [[2, 3, 70], [2, 5, 70]]) {
            $0[0].take($0[1], axis: -2).squared()
        },
        .init(
            "add along an axis", .uniform(-2...2), .uniform(-2...2), .indices(below: 3),
            shapes: [[3, 4], [5, 4], [5, 4]]
        ) {
            Tensor.pullback([$0[0].take($0[2], axis: 0)], cotangents: [$0[1]], by: [$0[0]])[0]
        },
        .init(
            "einsum", .uniform(-2...2), .uniform(-2...2), .uniform(-2...2),
            shapes: [[2, 3, 3, 4], [4, 1, 5], [2, 5]]
        ) {
            .einsum("biij,j...k,bk->ik...", $0[0], $0[1], $0[2])
        },
        .init("nearest elements", .uniform(-2...2), shapes: [[2, 2, 3, 4]]) {
            $0[0].interpolated(to: [6, 7], mode: .nearest).squared()
        },
        .init("linear interpolation", .uniform(-2...2), shapes: [[2, 2, 3, 4]]) {
            $0[0].interpolated(to: [5, 3], mode: .linear).squared()
        },
        .init("linear interpolation between corners", .uniform(-2...2), shapes: [[1, 2, 2, 3, 2]]) {
            $0[0].interpolated(to: [3, 4, 3], mode: .linear, alignCorners: true).squared()
        },
        .init("recomputed", .uniform(-1...1), .uniform(-1...1), shapes: [[3, 4], [4, 4]]) { x in
            let y = x[0].recomputed { ($0.matmul(x[1]).tanh() * $0).matmul(x[1]).sigmoid() }
            return Tensor.recomputed([y, x[0]]) { $0[0].squared() * $0[1].exp() + $0[0] }
        },
        .init("derivative of what is recomputed", .uniform(-1...1), .uniform(-1...1), shapes: [[3, 4], [3, 4]]) { x in
            Tensor.pullback([x[0].recomputed { ($0.tanh() * $0).exp() }], cotangents: [x[1]], by: [x[0]])[0]
        },
    ]
}
