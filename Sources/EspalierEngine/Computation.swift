import EspalierGraph

/// What is to be compiled: values to compute, and memory to replace by new values once all reads are done.
public struct Computation: Sendable {
    /// A leaf with storage, and the value that the storage holds after execution.
    public struct Update: Sendable {
        public var target: Tensor
        public var value: Tensor

        public init(_ target: Tensor, _ value: Tensor) {
            self.target = target
            self.value = value
        }
    }

    /// Leaves whose values are given before each execution.
    public var inputs: [Tensor]
    /// Values that can be read after each execution.
    public var outputs: [Tensor]
    public var updates: [Update]
    /// The number of a scalar output that decides: where it is not zero, an execution ends before anything is updated.
    public var gate: Int?

    public init(inputs: [Tensor] = [], outputs: [Tensor], updates: [Update] = [], gate: Int? = nil) {
        if let gate {
            precondition(
                outputs[gate].count == 1 && outputs[gate].dtype == .float32,
                "\(outputs[gate]) is no scalar to decide by")
        }
        for input in inputs {
            precondition(input.leaf?.storage == nil && input.leaf != nil, "\(input) is no input leaf")
        }
        for update in updates {
            precondition(update.target.leaf?.storage != nil, "\(update.target) has no memory to update")
            precondition(
                update.target.node.type == update.value.node.type,
                "\(update.value) does not fit into \(update.target)")
        }
        self.inputs = inputs
        self.outputs = outputs
        self.updates = updates
        self.gate = gate
    }

    /// The results: outputs, then new values.
    var roots: [Node] { outputs.map(\.node) + updates.map(\.value.node) }

    /// The same computation with its results replaced.
    func replacing(roots: [Node]) -> Computation {
        var copy = self
        copy.outputs = roots.prefix(outputs.count).map(Tensor.init)
        copy.updates = zip(updates, roots.dropFirst(outputs.count)).map { Update($0.target, Tensor($1)) }
        return copy
    }
}
