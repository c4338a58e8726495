import EspalierEngine
import EspalierGraph
import EspalierNN

/// The search for the first operation of a step whose result is not finite, forward or backward.
///
/// The step is traced again and every result looked at, which is only done once something is wrong.
struct NonFiniteOrigin {
    private let plans: StepPlans
    private let key: StepPlans.Key
    /// Samples and targets as the step saw them.
    private let inputs: [Storage]
    private let leaves: [Tensor]

    /// Of so many elements are results looked at together.
    private static let elements = 1 << 24

    init(_ plans: StepPlans, key: StepPlans.Key, inputs: [Storage]) {
        self.plans = plans
        self.key = key
        self.inputs = inputs
        leaves = [
            Tensor.input("inputs", Shape([key.batch] + plans.sampleShape.dimensions)), plans.targets(for: key),
        ]
    }

    /// The origin in words; nothing where all is finite.
    ///
    /// - Parameter rows: Those of the batch in the data.
    func find(rows: ArraySlice<Int>) throws -> String? {
        if let row = badRow(in: inputs[0], rows) { return "the sample in row \(row) of the data is not finite" }
        if leaves[1].dtype == .float32, let row = badRow(in: inputs[1], rows) {
            return "the target in row \(row) of the data is not finite"
        }
        let state = plans.state
        plans.setMode(for: key)
        defer { state.mode = .inference }
        var stages: [(name: String, output: Tensor)] = []
        let outputs = forward(leaves[0], &stages)
        let loss = plans.scores(of: outputs, leaves[1])[0]
        let statistics = plans.takeStatistics()
        stages.append(("the loss", loss))
        let forward = Tensor.topologicalOrder(of: stages.map(\.output.node))
        if let found = try forwardOrigin(stages, forward) { return found }
        let entries = state.parameters.entries
        let gradients = loss.gradients(by: entries.compactMap { state.parameters.tensor($0.path) })
        if let found = try backwardOrigin(Array(zip(entries.map(\.path), gradients)), after: Set(forward)) {
            return found
        }
        let bad = try values(of: statistics).firstIndex { !$0.allSatisfy(\.isFinite) }
        return bad.map { "the statistics \(state.contents.statistics[$0].path)" }
    }

    private func badRow(in storage: Storage, _ rows: ArraySlice<Int>) -> Int? {
        let width = storage.count / rows.count
        return storage.floats.firstIndex { !$0.isFinite }.map { rows[rows.startIndex + $0 / max(width, 1)] }
    }

    /// The model's outputs, each layer's noted.
    private func forward(_ x: Tensor, _ stages: inout [(name: String, output: Tensor)]) -> Tensor {
        let paths = plans.state.contents.paths
        let (y, calls) = LayerCall.recording { plans.state.model(x) }
        // A layer that is inside of another and not listed is the other's.
        stages = calls.compactMap { call in
            paths[ObjectIdentifier(call.layer)].map { path in
                (path.isEmpty ? "the model" : "layer \(path), \(call.layer.description)", call.output)
            }
        }
        return y
    }

    private func forwardOrigin(_ stages: [(name: String, output: Tensor)], _ nodes: [Node]) throws -> String? {
        let results = try values(of: stages.map(\.output))
        guard let bad = results.firstIndex(where: { !$0.allSatisfy(\.isFinite) }) else { return nil }
        let before = Set(Tensor.topologicalOrder(of: stages[..<bad].map(\.output.node)))
        let own = Tensor.topologicalOrder(of: [stages[bad].output.node]).filter { !before.contains($0) }
        let origin = try first(of: own) ?? stages[bad].output.node
        return "\(stages[bad].name), in \(origin.primitive)"
    }

    private func backwardOrigin(
        _ gradients: [(path: String, tensor: Tensor)], after forward: Set<Node>
    ) throws -> String? {
        let results = try values(of: gradients.map(\.tensor))
        let bad = zip(gradients, results).filter { !$1.allSatisfy(\.isFinite) }.map(\.0)
        // The backward pass comes to the last layers first.
        guard let nearest = bad.min(by: { $0.tensor.node.id < $1.tensor.node.id }) else { return nil }
        let own = Tensor.topologicalOrder(of: [nearest.tensor.node]).filter { !forward.contains($0) }
        let origin = try first(of: own) ?? nearest.tensor.node
        return "the gradient of \(nearest.path), in \(origin.primitive)"
    }

    /// The first of `nodes` whose result is not finite though all that it is made from is.
    private func first(of nodes: [Node]) throws -> Node? {
        let computed = nodes.filter { !($0.primitive is Leaf || $0.primitive is Constant) && $0.type.dtype == .float32 }
        var bad = Set(
            nodes.filter { node in
                (node.primitive as? Constant).map { !$0.value.isFinite } ?? false
            })
        var rest = computed[...]
        while !rest.isEmpty {
            var count = 0
            let part = rest.prefix { node in
                count += node.type.shape.count
                return count <= Self.elements || count == node.type.shape.count
            }
            rest = rest.dropFirst(part.count)
            for (node, values) in zip(part, try values(of: part.map { Tensor($0) }))
            where !values.allSatisfy(\.isFinite) {
                if !node.inputs.contains(where: bad.contains) { return node }
                bad.insert(node)
            }
        }
        return nil
    }

    private func values(of tensors: [Tensor]) throws -> [[Float]] {
        guard !tensors.isEmpty else { return [] }
        let executable = try plans.engine.compile(Computation(inputs: leaves, outputs: tensors))
        for (index, storage) in inputs.enumerated() {
            executable.input(index).pointer.copyMemory(from: storage.pointer, byteCount: storage.count * 4)
        }
        try executable.run()
        return tensors.indices.map { Array(executable.output($0)) }
    }
}
