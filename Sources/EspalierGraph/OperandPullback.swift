extension Tensor {
    /// The cotangents of a function's operands, given those of its results.
    ///
    /// Each operand is varied alone, also where two of them are one tensor or one is computed from another.
    static func pullback(
        of function: ([Tensor]) -> [Tensor], at operands: [Tensor], cotangents: [Tensor]
    ) -> [Tensor] {
        let variables = operands.enumerated().map { Tensor.input("operand \($0)", $1.shape, $1.dtype) }
        let results = pullback(function(variables), cotangents: cotangents, by: variables)
        var replaced = Dictionary(uniqueKeysWithValues: zip(variables.map(\.node), operands))
        for node in topologicalOrder(of: results.map(\.node)) where replaced[node] == nil {
            replaced[node] =
                node.inputs.isEmpty ? Tensor(node) : .apply(node.primitive, node.inputs.map { replaced[$0]! })
        }
        return results.map { replaced[$0.node]! }
    }
}
