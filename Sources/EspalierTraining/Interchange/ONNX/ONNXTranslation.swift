import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec

/// A traced function as ONNX's operators, primitive by primitive.
///
/// What depends on no input is computed now and becomes a value of the graph; parameters keep their paths as names. A
/// transpose is written where a reader needs it, so that those of channels last fall out against one another.
final class ONNXTranslation {
    var graph: ONNXGraph
    let traces: TwoTraces
    private let batchInput: String
    private let named: [Node: String]
    private let engine: Engine
    private var fixed: Set<Node> = []
    private var values: [Node: Value] = [:]
    private var known: [Key: String] = [:]
    private var count = 0
    /// What the results of each recurrence are called: the sequence, then the last states.
    var states: [Node: [String]] = [:]

    /// Where the result of a node is: axis i of it is axis `order[i]` of the value `name`.
    struct Value {
        var name: String
        var order: [Int]?
    }

    /// What is written once and may be read often.
    private enum Key: Hashable {
        case transposed(String, [Int])
        case computed(Node)
        case numbers([Int], Bool)
        case shape([BatchNumber])
        case batch
    }

    /// - Parameters:
    ///   - traces: The function.
    ///   - inputs: What the values of its input leaves are called; the first axis of `batchInput` counts samples.
    ///   - named: The names of parameters and statistics.
    init(
        _ traces: TwoTraces, inputs: [(node: Node, name: String)], batchInput: String, named: [Node: String],
        graph: ONNXGraph, engine: Engine
    ) throws {
        self.traces = traces
        self.batchInput = batchInput
        self.named = named
        self.graph = graph
        self.engine = engine
        for (node, name) in inputs { values[node] = Value(name: name) }
        for node in traces.order where values[node] == nil {
            if isFixed(node) {
                fixed.insert(node)
                continue
            }
            do {
                values[node] = try translated(node)
            } catch let error as EspalierError {
                throw Untranslated(node: traces.original(node), error: error)
            }
        }
    }

    /// Whether a node is known now: it depends on no input and no random number, and is the same for every batch.
    func isFixed(_ node: Node) -> Bool {
        if fixed.contains(node) { return true }
        if let leaf = node.primitive as? Leaf { return leaf.storage != nil && traces.isSame(node) }
        return !(node.primitive is RandomUniform) && node.inputs.allSatisfy(fixed.contains) && traces.isSame(node)
    }

    // MARK: Writing

    /// Adds an operation with one output, and gives the output's name.
    func add(_ name: String, _ inputs: [String], _ attributes: [ONNXGraph.Attribute] = []) -> String {
        add(name, inputs, attributes, outputs: 1)[0]
    }

    func add(
        _ name: String, _ inputs: [String], _ attributes: [ONNXGraph.Attribute] = [], outputs count: Int
    ) -> [String] {
        let outputs = (0..<count).map { _ in newName() }
        graph.operations.append(.init(name: name, inputs: inputs, outputs: outputs, attributes: attributes))
        return outputs
    }

    /// Values that the graph brings along, under `name` or a new name.
    func addInitializer<Element: BitwiseCopyable>(
        _ values: [Element], _ type: ONNXGraph.ElementType, _ shape: [Int], named name: String? = nil
    ) -> String {
        let name = name ?? newName()
        graph.initializers.append(
            .init(name: name, type: type, shape: shape, bytes: values.withUnsafeBytes { Array($0) }))
        return name
    }

    private func newName() -> String {
        defer { count += 1 }
        return "value_\(count)"
    }

    private func once(_ key: Key, _ make: () throws -> String) rethrows -> String {
        if let name = known[key] { return name }
        let name = try make()
        known[key] = name
        return name
    }

    // MARK: Numbers

    /// Whole numbers as a value: shapes, axes, starts.
    func integers(_ numbers: [Int]) -> String {
        once(.numbers(numbers, false)) { addInitializer(numbers.map(Int64.init), .int64, [numbers.count]) }
    }

    /// A whole number as a value without axes.
    func integer(_ number: Int) -> String {
        once(.numbers([number], true)) { addInitializer([Int64(number)], .int64, []) }
    }

    /// Numbers that may depend on the batch, as a value.
    func integers(_ numbers: [BatchNumber]) -> String {
        guard !numbers.allSatisfy(\.isFixed) else { return integers(numbers.map(\.constant)) }
        return once(.shape(numbers)) {
            let batch = once(.batch) {
                add("Shape", [batchInput], [.integer("start", 0), .integer("end", 1)])
            }
            let product = add("Mul", [batch, integers(numbers.map(\.factor))])
            return add("Add", [product, integers(numbers.map(\.constant))])
        }
    }

    // MARK: Reading

    /// The name of a node's result, its axes in `order`: axis i of what is named is axis `order[i]` of the result.
    func name(_ node: Node, order: [Int]? = nil) throws -> String {
        if let transpose = node.primitive as? Transpose, named[node] == nil {
            return try name(
                node.inputs[0], order: (order ?? Array(transpose.order.indices)).map { transpose.order[$0] })
        }
        if fixed.contains(node) {
            return try computed(Tensor(node).transposed(order ?? Array(0..<node.type.shape.rank)))
        }
        guard let value = values[node] else { throw unsupported(node) }
        guard let composed = composed(order, value.order) else { return value.name }
        return once(.transposed(value.name, composed)) {
            add("Transpose", [value.name], [.integers("perm", composed)])
        }
    }

    /// The order that comes of taking axes in `inner` and those in `outer`; nothing where all stay.
    private func composed(_ outer: [Int]?, _ inner: [Int]?) -> [Int]? {
        guard let outer else { return inner }
        let order = inner.map { inner in outer.map { inner[$0] } } ?? outer
        return order == Array(order.indices) ? nil : order
    }

    /// The values of a tensor that depends on no input, computed now.
    func computed(_ tensor: Tensor) throws -> String {
        try once(.computed(tensor.node)) {
            let shape = tensor.shape.dimensions
            switch tensor.dtype {
            case .float32:
                let name = named[tensor.node] ?? nameOfParameter(below: tensor.node)
                return addInitializer(try engine.evaluate([tensor])[0], .float32, shape, named: name)
            case .int32: return addInitializer(try tensor.integers(), .int32, shape)
            case .bool: return addInitializer(try tensor.truths().map { $0 ? UInt8(1) : 0 }, .bool, shape)
            }
        }
    }

    /// `0.weight.computed` for what is a function of that parameter alone.
    private func nameOfParameter(below node: Node) -> String? {
        var found: Set<String> = [], seen: Set<Node> = [], pending = [node]
        while let node = pending.popLast() {
            guard seen.insert(node).inserted else { continue }
            if let name = named[node] { found.insert(name) } else { pending += node.inputs }
        }
        guard found.count == 1, let parameter = found.first else { return nil }
        let name = "\(parameter).computed"
        return graph.initializers.contains { $0.name == name } ? "\(name)_\(count)" : name
    }

    /// The names of operands that broadcast to `shape` by themselves, without what stretches them in the graph.
    func broadcasting(_ operands: [Node], to shape: [BatchNumber]) throws -> [String] {
        var sources = operands.map { node in
            var source = node
            while source.primitive is Broadcast { source = source.inputs[0] }
            return source
        }
        // Every axis is as long as the longest operand: one has to stay stretched where all of them are shorter.
        let shapes = try sources.map(traces.shape)
        let isFilled = shape.indices.allSatisfy { axis in
            shape[axis] == BatchNumber(1)
                || shapes.contains {
                    $0.count >= shape.count - axis && $0[$0.count - shape.count + axis] == shape[axis]
                }
        }
        if !isFilled { sources[0] = operands[0] }
        return try sources.map { try name($0) }
    }

    /// The error for a primitive that has no translation.
    func unsupported(_ node: Node, _ why: String = "has no counterpart in ONNX") -> EspalierError {
        EspalierError(
            "\"\(node.primitive)\" \(why)", expected: "operations that ONNX has (operator set \(ONNXGraph.operators))")
    }
}
