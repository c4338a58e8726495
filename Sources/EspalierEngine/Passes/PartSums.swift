import EspalierGraph

/// The sums of parts of one vector: a reduction that fits into any tile program over that vector.
///
/// Only passes put it into a graph: sums of slices would each be a kernel of its own, over memory that another kernel has
/// just had in the cache.
struct PartSums: Primitive {
    let parts: [Range<Int>]

    var description: String { "sums over \(parts.count) parts" }

    func resultType(of inputs: [TensorType]) -> TensorType { TensorType([parts.count], .float32) }

    func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        ReferenceArray([parts.count], parts.map { inputs[0].values[$0].reduce(0, +) })
    }

    func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let count = inputs[0].count
        let spread = parts.enumerated().map { index, part in
            cotangent.slice(index..<index + 1).broadcast(to: [part.count]).padded(
                before: [part.lowerBound], after: [count - part.upperBound])
        }
        return [spread.reduce(.zeros([count]), +)]
    }
}

extension Simplify {
    /// Sums of parts of one vector, put side by side.
    static func sumsOfParts(_ node: Node) -> Tensor? {
        guard node.primitive is Concatenate else { return nil }
        let sums = node.inputs.compactMap(sumOfPart)
        guard sums.count == node.inputs.count, sums.allSatisfy({ $0.whole == sums[0].whole }) else { return nil }
        return Tensor(Node.applying(PartSums(parts: sums.map(\.range)), to: [sums[0].whole]))
    }

    /// What `node`, of one element, is the sum of.
    private static func sumOfPart(_ node: Node) -> (whole: Node, range: Range<Int>)? {
        guard node.type.shape == [1], node.type.dtype == .float32 else { return nil }
        if node.primitive is Slice { return part(node) }
        guard node.primitive is Reshape, let reduce = node.inputs[0].primitive as? Reduce, reduce.operation == .sum,
            reduce.axes == [0]
        else { return nil }
        return part(node.inputs[0].inputs[0])
    }

    private static func part(_ node: Node) -> (whole: Node, range: Range<Int>)? {
        guard node.type.shape.rank == 1 else { return nil }
        guard let slice = node.primitive as? Slice else { return (node, 0..<node.type.shape.count) }
        return slice.steps == [1] ? (node.inputs[0], slice.starts[0]..<slice.starts[0] + slice.counts[0]) : nil
    }
}

extension Node {
    /// The axes along which a tile program reduces its operand to this; nothing for what it computes element by element.
    var reducedAxes: [Int]? { primitive is PartSums ? [0] : (primitive as? Reduce)?.axes }
}
