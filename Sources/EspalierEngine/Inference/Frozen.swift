import EspalierGraph

extension Computation {
    /// This computation with the values that its leaves hold now put in, for a model that is used and no longer trained.
    ///
    /// What depends on no input is computed here, once: `ChannelFactors` first moves factors and sums behind a product
    /// or convolution, such as those of a batch normalisation, into its weight. Draws of random numbers stay as they are.
    ///
    /// - Precondition: There are no updates.
    /// - Throws: `EngineError` where a value cannot be computed.
    public func frozen(on engine: Engine) throws -> Computation {
        precondition(updates.isEmpty, "a computation that changes memory cannot be frozen")
        let before = Simplify.rewrite(
            roots, by: [Simplify.dropStopGradient, Simplify.mergeReshapes, Simplify.mergeTransposes])
        let folded = ChannelFactors.folded(before, varying: Self.varying(before))
        return replacing(roots: try Freezing(folded, varying: Self.varying(folded)).run(on: engine))
    }

    /// The nodes whose values differ from one execution to the next: those that an input or a draw leads to.
    private static func varying(_ roots: [Node]) -> Set<Node> {
        var varying = Set<Node>()
        for node in Tensor.topologicalOrder(of: roots) {
            let isInput = node.leaf.map { $0.storage == nil } ?? false
            if isInput || node.primitive is RandomUniform || node.inputs.contains(where: varying.contains) {
                varying.insert(node)
            }
        }
        return varying
    }
}

/// Replaces what does not vary by leaves that hold its values.
private struct Freezing {
    let roots: [Node]
    let varying: Set<Node>

    init(_ roots: [Node], varying: Set<Node>) {
        self.roots = roots
        self.varying = varying
    }

    func run(on engine: Engine) throws -> [Node] {
        let order = Tensor.topologicalOrder(of: roots)
        var known = try values(of: borders(order), on: engine)
        func replaced(_ node: Node) -> Node {
            if let replacement = known[node] { return replacement }
            let result = node.inputs.isEmpty ? node : Node.applying(node.primitive, to: node.inputs.map(replaced))
            known[node] = result
            return result
        }
        // In this order the recursion never goes deeper than over what is repeated or generated.
        for node in order where varying.contains(node) { _ = replaced(node) }
        return roots.map(replaced)
    }

    /// What does not vary and is read by something that does, or is a result.
    ///
    /// A repeated value is kept once and repeated anew; what generates itself is not kept at all.
    private func borders(_ order: [Node]) -> [Node] {
        var found: [Node] = [], seen = Set<Node>()
        var pending = roots
        for node in order where varying.contains(node) && !(node.primitive is RandomUniform) { pending += node.inputs }
        while let node = pending.popLast() {
            guard !varying.contains(node), seen.insert(node).inserted else { continue }
            switch node.primitive {
            case is Constant, is Iota: break
            case is Broadcast: pending += node.inputs
            default: found.append(node)
            }
        }
        return found
    }

    /// A leaf for each of `nodes`, with its present values.
    private func values(of nodes: [Node], on engine: Engine) throws -> [Node: Node] {
        guard !nodes.isEmpty else { return [:] }
        let executable = try engine.compile(Computation(outputs: nodes.map(Tensor.init)))
        try executable.run()
        var leaves: [Node: Node] = [:]
        for (index, node) in nodes.enumerated() {
            let storage = Storage(count: node.type.shape.count)
            _ = storage.floats.update(fromContentsOf: executable.output(index))
            leaves[node] = Tensor(storage, node.type.shape, node.type.dtype, name: "frozen").node
        }
        return leaves
    }
}
