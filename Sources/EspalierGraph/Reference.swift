/// The reference evaluation: what a graph means, in double precision, one primitive after the other.
///
/// It is slow and simple. Every faster way of computing a graph is tested against it.
public enum Reference {
    /// The values of `tensors`, given those of the leaves that they depend on.
    public static func evaluate(_ tensors: [Tensor], _ leaves: [Tensor: ReferenceArray] = [:]) -> [ReferenceArray] {
        var values: [Node: ReferenceArray] = [:]
        for (leaf, value) in leaves {
            precondition(leaf.shape == value.shape, "the value of \(leaf) has shape \(value.shape)")
            values[leaf.node] = value
        }
        for node in Tensor.topologicalOrder(of: tensors.map(\.node)) where values[node] == nil {
            let inputs = node.inputs.map { values[$0]! }
            values[node] = node.primitive.evaluate(inputs, type: node.type)
        }
        return tensors.map { values[$0.node]! }
    }
}
