import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN

/// The search for what of a step is not finite first: data, parameters, then the results of operations forward and backward.
///
/// The step is traced again and every result looked at, which is only done once something is wrong.
struct NonFiniteSearch {
    private typealias Stage = (source: NonFiniteOrigin.Source, location: String, name: String, output: Tensor)

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

    /// The origin; nothing where all is finite.
    ///
    /// - Parameter rows: Those of the batch in `data`.
    func find(_ rows: ArraySlice<Int>, of data: Dataset) throws -> NonFiniteOrigin? {
        if let found = given(rows, of: data) { return found }
        let state = plans.state
        plans.setMode(for: key)
        defer { state.mode = .inference }
        var stages: [Stage] = []
        let outputs = forward(leaves[0], &stages)
        let loss = plans.scores(of: outputs, leaves[1])[0]
        let statistics = plans.takeStatistics()
        stages.append((.loss, "loss", "the loss, \(type(of: plans.loss).name)", plans.loss(outputs, leaves[1])))
        stages.append((.loss, "loss", "the loss", loss))
        let forward = Tensor.topologicalOrder(of: stages.map(\.output.node))
        if let found = try forwardOrigin(stages, rows, of: data) { return found }
        let entries = state.parameters.entries
        let gradients = loss.gradients(by: entries.compactMap { state.parameters.tensor($0.path) })
        if let found = try backwardOrigin(Array(zip(entries.map(\.path), gradients)), after: Set(forward)) {
            return found
        }
        let bad = try values(of: statistics).firstIndex { !$0.allSatisfy(\.isFinite) }
        return bad.map { index in
            let path = state.contents.statistics[index].path
            return .init(.statistics, at: path, "the statistics \(path)")
        }
    }

    /// What was not finite before anything was computed.
    private func given(_ rows: ArraySlice<Int>, of data: Dataset) -> NonFiniteOrigin? {
        if let row = badRow(in: inputs[0], rows) {
            return .init(.sample, at: data.place(of: row), "the sample \(data.place(of: row)) is not finite")
        }
        if leaves[1].dtype == .float32, let row = badRow(in: inputs[1], rows) {
            return .init(.target, at: data.place(of: row), "the target of \(data.place(of: row)) is not finite")
        }
        if let path = plans.state.parameters.firstNonFinite {
            return .init(.parameter, at: path, "the parameter \(path) was not finite before the step")
        }
        return plans.state.statistics.firstNonFinite.map { path in
            .init(.statistics, at: path, "the statistics \(path) were not finite before the step")
        }
    }

    private func badRow(in storage: Storage, _ rows: ArraySlice<Int>) -> Int? {
        badRows(in: storage.floats, rows).first
    }

    private func badRows(in values: some Collection<Float>, _ rows: ArraySlice<Int>) -> [Int] {
        let width = values.count / rows.count
        guard width > 0, values.count % rows.count == 0 else { return [] }
        var bad: [Int] = []
        for (index, value) in values.enumerated() where !value.isFinite {
            let row = rows[rows.startIndex + index / width]
            if bad.last != row { bad.append(row) }
        }
        return bad
    }

    /// The model's outputs, each layer's noted.
    private func forward(_ x: Tensor, _ stages: inout [Stage]) -> Tensor {
        let paths = Dictionary(
            plans.state.contents.layers.map { (ObjectIdentifier($0.layer), $0.path) },
            uniquingKeysWith: { first, _ in first })
        guard let sequential = plans.state.model as? Sequential else {
            let y = plans.state.model(x)
            stages.append((.layer, "model", "the model", y))
            return y
        }
        var seen: [Stage] = []
        let y = sequential.visiting(x) { layer, _, output in
            let path = paths[ObjectIdentifier(layer)] ?? ""
            seen.append((.layer, path, "layer \(path), \(layer.description)", output))
        }
        stages = seen
        return y
    }

    private func forwardOrigin(
        _ stages: [Stage], _ rows: ArraySlice<Int>, of data: Dataset
    ) throws -> NonFiniteOrigin? {
        let results = try values(of: stages.map(\.output))
        guard let bad = results.firstIndex(where: { !$0.allSatisfy(\.isFinite) }) else { return nil }
        let stage = stages[bad], before = Set(Tensor.topologicalOrder(of: stages[..<bad].map(\.output.node)))
        let own = Tensor.topologicalOrder(of: [stage.output.node]).filter { !before.contains($0) }
        let origin = try first(of: own) ?? stage.output.node
        // Where it is so of some samples, it is they that are looked at.
        let samples = stage.output.shape.dimensions.first == rows.count ? badRows(in: results[bad], rows) : []
        let others = samples.count > 1 ? " and \(samples.count - 1) others" : ""
        let whose = samples.count * 2 <= rows.count ? samples.first.map { ", of \(data.place(of: $0))\(others)" } : nil
        return .init(stage.source, at: stage.location, "\(stage.name), in \(origin.primitive)\(whose ?? "")")
    }

    private func backwardOrigin(
        _ gradients: [(path: String, tensor: Tensor)], after forward: Set<Node>
    ) throws -> NonFiniteOrigin? {
        let results = try values(of: gradients.map(\.tensor))
        let bad = zip(gradients, results).filter { !$1.allSatisfy(\.isFinite) }.map(\.0)
        // The backward pass comes to the last layers first.
        guard let nearest = bad.min(by: { $0.tensor.node.id < $1.tensor.node.id }) else { return nil }
        let own = Tensor.topologicalOrder(of: [nearest.tensor.node]).filter { !forward.contains($0) }
        let origin = try first(of: own) ?? nearest.tensor.node
        return .init(.gradient, at: nearest.path, "the gradient of \(nearest.path), in \(origin.primitive)")
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

extension FlatBuffer {
    /// The path of the first entry with a number that is not finite.
    var firstNonFinite: String? {
        entries.first { entry in values(entry.path).map { !$0.allSatisfy(\.isFinite) } ?? false }?.path
    }
}
