extension Tensor {
    /// The derivatives of a scalar by each of `variables`, as graph; a variable it does not depend on gets zeros.
    ///
    /// The result is made of the same primitives, so it can be differentiated again.
    public func gradients(by variables: [Tensor]) -> [Tensor] {
        precondition(rank == 0, "gradients: the derivative is of a scalar, not of \(node.type); take a sum or a mean")
        return Tensor.pullback([self], cotangents: [1], by: variables)
    }

    /// Reverse-mode derivative: the cotangents of `variables`, given those of `outputs`.
    public static func pullback(_ outputs: [Tensor], cotangents: [Tensor], by variables: [Tensor]) -> [Tensor] {
        let order = topologicalOrder(of: outputs.map(\.node))
        let variableNodes = Set(variables.map(\.node))
        var dependent = Set<Node>()
        for node in order where variableNodes.contains(node) || node.inputs.contains(where: dependent.contains) {
            dependent.insert(node)
        }
        var sums: [Node: Tensor] = [:]
        func add(_ cotangent: Tensor, to node: Node) {
            sums[node] = sums[node].map { $0 + cotangent } ?? cotangent
        }
        for (output, cotangent) in zip(outputs, cotangents) {
            add(cotangent.broadcast(to: output.shape), to: output.node)
        }
        for node in order.reversed() where dependent.contains(node) {
            guard let sum = sums[node], node.inputs.contains(where: dependent.contains) else { continue }
            let cotangents = node.primitive.pullback(sum, inputs: node.inputs.map(Tensor.init), output: Tensor(node))
            for (input, cotangent) in zip(node.inputs, cotangents) where dependent.contains(input) {
                if let cotangent { add(cotangent, to: input) }
            }
        }
        return variables.map { sums[$0.node] ?? .zeros($0.shape) }
    }
}
