import EspalierGraph
import EspalierSpec

/// One function traced for batches of two sizes, and what of its graph depends on the size.
///
/// A graph knows fixed extents alone. From two of them follows what each number is for any batch: see `BatchNumber`.
struct TwoTraces {
    let sizes: (first: Int, second: Int)
    /// The results in the graph of the first size.
    let outputs: [Node]
    /// The nodes of the first graph, each after its inputs.
    let order: [Node]
    private let twins: [Node: Node]
    private let originals: [Node: Node]

    /// - Parameters:
    ///   - first: What the function makes of a batch of `sizes.first` samples.
    ///   - second: What it makes of one of `sizes.second`.
    ///   - sizes: Different ones.
    /// - Throws: `Untranslated` where the graphs differ in more than extents.
    init(_ first: [Tensor], _ second: [Tensor], sizes: (first: Int, second: Int)) throws {
        self.sizes = sizes
        var plain = PlainGraph()
        outputs = try plain.plain(first).map(\.node)
        let others = try plain.plain(second).map(\.node)
        originals = plain.originals
        order = Tensor.topologicalOrder(of: outputs)
        var twins: [Node: Node] = [:]
        var pending = Array(zip(outputs, others))
        while let (node, other) = pending.popLast() {
            guard twins.updateValue(other, forKey: node) == nil else { continue }
            guard type(of: node.primitive) == type(of: other.primitive), node.inputs.count == other.inputs.count,
                node.type.dtype == other.type.dtype, node.type.shape.rank == other.type.shape.rank,
                node.primitive.isShapedByExtents || AnyHashable(node.primitive) == AnyHashable(other.primitive)
            else {
                throw Untranslated(
                    node: originals[node] ?? node,
                    error: EspalierError(
                        "what is computed depends on the size of the batch: \(node.primitive), \(other.primitive)",
                        expected: "the same operations for every batch"))
            }
            pending += zip(node.inputs, other.inputs)
        }
        self.twins = twins
    }

    /// The node of the other graph that stands where `node` does.
    func twin(_ node: Node) -> Node { twins[node] ?? node }

    /// The node as it was traced, before attention and the like were taken apart.
    func original(_ node: Node) -> Node { originals[node] ?? node }

    /// The shape of a node's result.
    func shape(_ node: Node) throws -> [BatchNumber] {
        try numbers(node.type.shape.dimensions, twin(node).type.shape.dimensions)
    }

    /// Numbers of the first graph and what stands in their places in the second.
    func numbers(_ first: [Int], _ second: [Int]) throws -> [BatchNumber] {
        try zip(first, second).map { first, second in
            guard let number = BatchNumber(first, second, sizes: sizes) else {
                throw EspalierError(
                    "a number is \(first) for a batch of \(sizes.first) and \(second) for one of \(sizes.second)",
                    expected: "numbers that grow evenly with the batch")
            }
            return number
        }
    }

    /// Whether the node and all of its settings are the same for every batch.
    func isSame(_ node: Node) -> Bool {
        let other = twin(node)
        if node === other { return true }
        if let leaf = node.primitive as? Leaf, let storage = leaf.storage,
            let second = (other.primitive as? Leaf)?.storage
        {
            return node.type == other.type && storage.integers.elementsEqual(second.integers)
        }
        return node.type == other.type && AnyHashable(node.primitive) == AnyHashable(other.primitive)
    }
}

/// A node that cannot be written for other programs, as it was traced, and why.
struct Untranslated: Error {
    var node: Node
    var error: EspalierError
}

/// Graphs without what matters to derivatives alone, and without primitives that others put together.
private struct PlainGraph {
    private var results: [Node: Tensor] = [:]
    /// For each node that was made here, the node it stands for.
    private(set) var originals: [Node: Node] = [:]

    mutating func plain(_ tensors: [Tensor]) throws -> [Tensor] {
        for node in Tensor.topologicalOrder(of: tensors.map(\.node)) where results[node] == nil {
            let inputs = node.inputs.map { results[$0] ?? Tensor($0) }
            let result = try plain(node, inputs)
            results[node] = result
            // What is plain stays as it is when it is met again.
            results[result.node] = result
            if originals[result.node] == nil { originals[result.node] = node }
        }
        return tensors.map { results[$0.node] ?? $0 }
    }

    private mutating func plain(_ node: Node, _ inputs: [Tensor]) throws -> Tensor {
        switch node.primitive {
        case is StopGradient, is Barrier, is Recomputed: return inputs[0]
        case let attention as ScaledDotProductAttention: return try expanded(attention, inputs, of: node)
        case let standardize as Standardize: return try expanded(standardize, inputs, of: node)
        case let iota as Iota where iota.shape.rank > 1:
            var line = [Int](repeating: 1, count: iota.shape.rank)
            line[iota.axis] = iota.shape[iota.axis]
            return Tensor.iota([line[iota.axis]]).reshaped(to: Shape(line)).broadcast(to: iota.shape)
        case let slice as Slice:
            if let part = inputs[0].operand(cutOutBy: slice) { return part }
        default: break
        }
        return inputs.map(\.node) == node.inputs ? Tensor(node) : try Tensor(applying: node.primitive, to: inputs)
    }

    private mutating func expanded(
        _ primitive: some Expandable, _ inputs: [Tensor], of node: Node
    ) throws -> Tensor {
        for input in inputs { results[input.node] = input }
        let whole = primitive.expanded(inputs)
        for part in Tensor.topologicalOrder(of: [whole.node]) where originals[part] == nil && results[part] == nil {
            originals[part] = node
        }
        return try plain([whole])[0]
    }
}

extension Primitive {
    /// Whether its settings are extents, or it is data.
    fileprivate var isShapedByExtents: Bool {
        self is Leaf || self is Reshape || self is Broadcast || self is Slice || self is Pad || self is Iota
            || self is RandomUniform
    }
}

extension Tensor {
    /// The operand of a concatenation, which this is, that `slice` cuts out again.
    fileprivate func operand(cutOutBy slice: Slice) -> Tensor? {
        guard let concatenation = node.primitive as? Concatenate else { return nil }
        var start = 0
        for part in node.inputs.map(Tensor.init) {
            var starts = [Int](repeating: 0, count: rank)
            starts[concatenation.axis] = start
            if slice.starts == starts, slice.counts == part.shape.dimensions, slice.steps.allSatisfy({ $0 == 1 }) {
                return part
            }
            start += part.shape[concatenation.axis]
        }
        return nil
    }
}
