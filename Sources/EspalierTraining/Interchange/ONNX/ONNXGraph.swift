/// A graph of ONNX's operators, and how it is written: `onnx.proto`, of <https://onnx.ai/onnx/repo-docs/IR.html>.
struct ONNXGraph {
    /// The version of the operators: what an operator's inputs and attributes mean follows from it.
    static let operators = 18
    /// The version of the format; the oldest that knows these operators.
    static let format = 8

    /// The types of elements, by their numbers in the format.
    enum ElementType: Int {
        case float32 = 1
        case int32 = 6
        case int64 = 7
        case bool = 9
        case float64 = 11
    }

    /// An operator at work.
    struct Operation {
        var name: String
        var inputs: [String]
        var outputs: [String]
        var attributes: [Attribute]
    }

    /// A setting of an operator.
    enum Attribute {
        case integer(String, Int)
        case integers(String, [Int])
        case text(String, String)
        case texts(String, [String])
    }

    /// Values that the graph brings along.
    struct Initializer {
        var name: String
        var type: ElementType
        var shape: [Int]
        var bytes: [UInt8]
    }

    /// An input or output.
    struct Port {
        var name: String
        var type: ElementType
        var shape: [BatchNumber]
    }

    var operations: [Operation] = []
    var initializers: [Initializer] = []
    var inputs: [Port] = []
    var outputs: [Port] = []

    /// Leaves out operations and values on which no output depends.
    mutating func prune() {
        var needed = Set(outputs.map(\.name))
        var kept: [Operation] = []
        // An operation stands behind those that it reads from.
        for operation in operations.reversed() where operation.outputs.contains(where: needed.contains) {
            needed.formUnion(operation.inputs)
            kept.append(operation)
        }
        operations = kept.reversed()
        initializers.removeAll { !needed.contains($0.name) }
    }

    /// The graph as a model.
    ///
    /// - Parameters:
    ///   - name: Of the graph.
    ///   - metadata: Free texts about the model.
    func model(named name: String, metadata: [(key: String, value: String)]) -> [UInt8] {
        var graph = ProtobufMessage()
        for (index, operation) in operations.enumerated() { graph.message(1, message(operation, index)) }
        graph.text(2, name)
        for initializer in initializers { graph.message(5, message(initializer)) }
        for port in inputs { graph.message(11, message(port)) }
        for port in outputs { graph.message(12, message(port)) }
        var operators = ProtobufMessage()
        operators.text(1, "")
        operators.integer(2, Self.operators)
        var model = ProtobufMessage()
        model.integer(1, Self.format)
        model.text(2, "espalier")
        model.message(7, graph)
        model.message(8, operators)
        for (key, value) in metadata {
            var entry = ProtobufMessage()
            entry.text(1, key)
            entry.text(2, value)
            model.message(14, entry)
        }
        return model.bytes
    }

    private func message(_ operation: Operation, _ index: Int) -> ProtobufMessage {
        var message = ProtobufMessage()
        for input in operation.inputs { message.text(1, input) }
        for output in operation.outputs { message.text(2, output) }
        message.text(3, "\(operation.name)_\(index)")
        message.text(4, operation.name)
        for attribute in operation.attributes { message.message(5, self.message(attribute)) }
        return message
    }

    private func message(_ attribute: Attribute) -> ProtobufMessage {
        var message = ProtobufMessage()
        switch attribute {
        case .integer(let name, let value):
            message.text(1, name)
            message.integer(3, value)
            message.integer(20, 2)
        case .text(let name, let value):
            message.text(1, name)
            message.text(4, value)
            message.integer(20, 3)
        case .integers(let name, let values):
            message.text(1, name)
            message.integers(8, values)
            message.integer(20, 7)
        case .texts(let name, let values):
            message.text(1, name)
            for value in values { message.text(9, value) }
            message.integer(20, 8)
        }
        return message
    }

    private func message(_ initializer: Initializer) -> ProtobufMessage {
        var message = ProtobufMessage()
        message.integers(1, initializer.shape)
        message.integer(2, initializer.type.rawValue)
        message.text(8, initializer.name)
        message.data(9, initializer.bytes)
        return message
    }

    private func message(_ port: Port) -> ProtobufMessage {
        var shape = ProtobufMessage()
        for extent in port.shape {
            var dimension = ProtobufMessage()
            if extent.isFixed { dimension.integer(1, extent.constant) } else { dimension.text(2, extent.description) }
            shape.message(1, dimension)
        }
        var tensor = ProtobufMessage()
        tensor.integer(1, port.type.rawValue)
        tensor.message(2, shape)
        var type = ProtobufMessage()
        type.message(1, tensor)
        var message = ProtobufMessage()
        message.text(1, port.name)
        message.message(2, type)
        return message
    }
}
