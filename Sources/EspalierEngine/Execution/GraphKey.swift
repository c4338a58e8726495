import EspalierGraph

/// A graph by structure: two graphs are equal if they differ only in which leaves they stand on.
///
/// It holds no node.
struct GraphKey: Hashable {
    private struct Entry: Hashable {
        var primitive: AnyHashable
        var inputs: [Int]
        var type: TensorType
    }

    private var entries: [Entry] = []
    private var roots: [Int] = []

    /// - Parameter leaves: Gets the leaves in the order in which they are met.
    init(_ tensors: [Tensor], leaves: inout [Node]) {
        var numbers: [Node: Int] = [:]
        for node in Self.order(tensors.map(\.node)) {
            numbers[node] = entries.count
            let isLeaf = node.primitive is Leaf
            if isLeaf { leaves.append(node) }
            entries.append(
                Entry(
                    primitive: isLeaf ? AnyHashable("leaf") : AnyHashable(node.primitive),
                    inputs: node.inputs.map { numbers[$0]! }, type: node.type))
        }
        roots = tensors.map { numbers[$0.node]! }
    }

    /// Depth first from the roots: an order that depends on structure alone, not on when nodes were made.
    private static func order(_ roots: [Node]) -> [Node] {
        var order: [Node] = []
        var seen = Set<Node>()
        var pending: [(node: Node, isExpanded: Bool)] = roots.reversed().map { ($0, false) }
        while let (node, isExpanded) = pending.popLast() {
            if isExpanded {
                order.append(node)
            } else if seen.insert(node).inserted {
                pending.append((node, true))
                pending += node.inputs.reversed().map { ($0, false) }
            }
        }
        return order
    }
}

extension Computation {
    /// Computes `tensors` with each of `leaves`, which are all they depend on, replaced by an input.
    init(of tensors: [Tensor], leaves: [Node]) {
        var replaced: [Node: Node] = [:]
        for leaf in leaves { replaced[leaf] = Tensor.input("input", leaf.type.shape, leaf.type.dtype).node }
        let inputs = leaves.map { Tensor(replaced[$0]!) }
        for node in Tensor.topologicalOrder(of: tensors.map(\.node)) where replaced[node] == nil {
            replaced[node] = Node.applying(node.primitive, to: node.inputs.map { replaced[$0]! })
        }
        self.init(inputs: inputs, outputs: tensors.map { Tensor(replaced[$0.node]!) })
    }
}
