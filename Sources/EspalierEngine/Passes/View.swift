import EspalierGraph

/// Where the elements of a tensor lie in the memory of a node: element i of the tensor is element
/// `offset + sum(index[axis] * strides[axis])` of that memory.
struct View: Hashable {
    /// The node whose memory is seen.
    var base: Node
    var offset: Int
    var shape: Shape
    var strides: [Int]

    /// All of a node's own memory.
    init(of node: Node) {
        self.init(base: node, offset: 0, shape: node.type.shape, strides: node.type.shape.strides)
    }

    init(base: Node, offset: Int, shape: Shape, strides: [Int]) {
        self.base = base
        self.offset = offset
        self.shape = shape
        self.strides = strides
    }

    /// Whether the elements follow one another without gaps, in order.
    var isContiguous: Bool {
        zip(shape.dimensions, zip(strides, shape.strides)).allSatisfy { $0 == 1 || $1.0 == $1.1 }
    }

    /// Whether this is the base's memory, whole and in order.
    var isWhole: Bool { offset == 0 && isContiguous && shape.count == base.type.shape.count }

    /// Whether every element is the same one.
    var isSplat: Bool { zip(shape.dimensions, strides).allSatisfy { $0 == 1 || $1 == 0 } }

    /// Whether every element is known to be zero.
    var isZero: Bool { (base.primitive as? Constant)?.value == 0 }

    func transposed(_ order: [Int]) -> View {
        View(
            base: base, offset: offset, shape: Shape(order.map { shape[$0] }), strides: order.map { strides[$0] })
    }

    func sliced(_ slice: Slice) -> View {
        View(
            base: base, offset: offset + zip(slice.starts, strides).reduce(0) { $0 + $1.0 * $1.1 },
            shape: Shape(slice.counts), strides: zip(strides, slice.steps).map(*))
    }

    func broadcast(to target: Shape) -> View {
        let added = target.rank - shape.rank
        let stretched = shape.dimensions.indices.map { shape[$0] == target[$0 + added] ? strides[$0] : 0 }
        return View(
            base: base, offset: offset, shape: target, strides: [Int](repeating: 0, count: added) + stretched)
    }

    /// The same elements in the same order under another shape, where strides can say that.
    func reshaped(to target: Shape) -> View? {
        // Axes of the old and of the new shape are matched in runs of equal element counts; within a run of old axes
        // the elements must lie as if the run were one axis.
        let old = zip(shape.dimensions, strides).filter { $0.0 != 1 }
        var result: [Int] = []
        var next = 0
        var axis = 0
        while axis < target.rank {
            if target[axis] == 1 {
                result.append(0)
                axis += 1
                continue
            }
            guard next < old.count else { return nil }
            var oldCount = old[next].0, oldEnd = next + 1
            var newCount = target[axis], newEnd = axis + 1
            while oldCount != newCount {
                if oldCount < newCount {
                    guard oldEnd < old.count, old[oldEnd - 1].1 == old[oldEnd].0 * old[oldEnd].1 else { return nil }
                    oldCount *= old[oldEnd].0
                    oldEnd += 1
                } else {
                    guard newEnd < target.rank else { return nil }
                    newCount *= target[newEnd]
                    newEnd += 1
                }
            }
            var stride = old[oldEnd - 1].1
            var run: [Int] = []
            for dimension in target.dimensions[axis..<newEnd].reversed() {
                run.append(stride)
                stride *= dimension
            }
            result += run.reversed()
            axis = newEnd
            next = oldEnd
        }
        return View(base: base, offset: offset, shape: target, strides: result)
    }
}
