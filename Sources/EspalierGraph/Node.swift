import Synchronization

/// One operation on the results of others.
///
/// Nodes are immutable, and equal operations on the same nodes are one node.
public final class Node: Sendable {
    public let primitive: any Primitive
    public let type: TensorType
    /// Rises with creation, so that sorting by it is a topological order.
    public let id: UInt64
    let hash: Int
    // Only written by `deinit`, when no one else can see the node.
    private nonisolated(unsafe) var operands: [Node]

    public var inputs: [Node] { operands }

    fileprivate init(_ primitive: any Primitive, _ inputs: [Node], _ type: TensorType, hash: Int) {
        self.primitive = primitive
        self.operands = inputs
        self.type = type
        self.hash = hash
        self.id = Node.count.wrappingAdd(1, ordering: .relaxed).newValue
    }

    private static let count = Atomic<UInt64>(0)

    deinit {
        NodeTable.shared.forget(id, hash)
        // A long chain would otherwise be released by recursion as deep as the chain.
        var pending = operands
        operands = []
        while var node = pending.popLast() { pending += NodeTable.shared.takeOperands(ofLast: &node) }
    }

    /// The operands, which this gives up, if `node` is the last reference; else none.
    ///
    /// Only the table may call this: it alone can make a new reference.
    fileprivate static func takeOperands(ofLast node: inout Node) -> [Node] {
        guard isKnownUniquelyReferenced(&node) else { return [] }
        defer { node.operands = [] }
        return node.operands
    }

    /// The node that applies `primitive` to `inputs`.
    static func make(
        _ primitive: any Primitive, _ inputs: [Node]
    ) throws(ShapeError) -> Node {
        let type = try primitive.resultType(of: inputs.map(\.type))
        return NodeTable.shared.node(primitive, inputs, type)
    }
}

extension Node: Hashable {
    public static func == (first: Node, second: Node) -> Bool { first === second }
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// The living nodes by structure.
///
/// It is a cache: without it graphs would mean the same and be larger.
///
/// No reference to a node may end while the table is locked: the node's end locks the table.
private final class NodeTable: Sendable {
    static let shared = NodeTable()

    private struct Reference {
        var id: UInt64
        weak var node: Node?
    }
    private let buckets = Mutex<[Int: [Reference]]>([:])

    func node(_ primitive: any Primitive, _ inputs: [Node], _ type: TensorType) -> Node {
        var hasher = Hasher()
        hasher.combine(ObjectIdentifier(Swift.type(of: primitive)))
        primitive.hash(into: &hasher)
        for input in inputs { hasher.combine(ObjectIdentifier(input)) }
        let hash = hasher.finalize()
        // Outlives the lock, as candidates may have become the last references to their nodes.
        var candidates: [Node] = []
        return buckets.withLock { buckets in
            candidates = (buckets[hash] ?? []).compactMap(\.node)
            for node in candidates where node.inputs == inputs && primitive.isEqual(to: node.primitive) { return node }
            let node = Node(primitive, inputs, type, hash: hash)
            buckets[hash, default: []].append(Reference(id: node.id, node: node))
            return node
        }
    }

    func forget(_ id: UInt64, _ hash: Int) {
        buckets.withLock { buckets in
            buckets[hash]?.removeAll { $0.id == id }
            if buckets[hash]?.isEmpty == true { buckets[hash] = nil }
        }
    }

    /// The operands of `node` if no one else has it, and no one can find it meanwhile.
    func takeOperands(ofLast node: inout Node) -> [Node] {
        buckets.withLock { _ in Node.takeOperands(ofLast: &node) }
    }
}
