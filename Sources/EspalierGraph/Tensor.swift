/// A multi-dimensional array that is yet to be computed: a handle on a node of the graph.
///
/// Writing an operation never computes. Operands whose shapes do not fit stop the program at the line that wrote the
/// operation, with the operation, the shapes, and what would fit.
public struct Tensor: Sendable, Hashable {
    public let node: Node

    public init(_ node: Node) {
        self.node = node
    }

    public var shape: Shape { node.type.shape }
    public var dtype: DType { node.type.dtype }
    public var rank: Int { shape.rank }
    public var count: Int { shape.count }

    /// Applies `primitive`, or says which operands do not fit.
    public init(applying primitive: any Primitive, to inputs: [Tensor]) throws(ShapeError) {
        self.node = try Node.make(primitive, inputs.map(\.node))
    }

    /// Applies `primitive`; operands that do not fit are a programming error.
    static func apply(_ primitive: any Primitive, _ inputs: [Tensor]) -> Tensor {
        do {
            return try Tensor(applying: primitive, to: inputs)
        } catch {
            fatalError(error.description)
        }
    }
}

extension Tensor: CustomStringConvertible {
    public var description: String { "Tensor(\(node.primitive), \(node.type))" }
}

extension Tensor {
    /// The nodes that `roots` depend on, themselves included, every node after its inputs.
    public static func topologicalOrder(of roots: [Node]) -> [Node] {
        var seen = Set<Node>(roots)
        var pending = Array(seen)
        while let node = pending.popLast() {
            for input in node.inputs where seen.insert(input).inserted { pending.append(input) }
        }
        return seen.sorted { $0.id < $1.id }
    }
}
