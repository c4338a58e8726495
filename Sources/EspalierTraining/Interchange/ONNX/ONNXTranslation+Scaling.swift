import EspalierData
import EspalierGraph

// Scaling before the model and after it, in double precision as `Scaler` has it.
extension ONNXGraph {
    /// Scales samples of `shape`, in which what is missing is filled in first; gives what the scaled ones are called.
    mutating func add(_ scaler: Scaler, to input: String, shape: [Int]) -> String {
        let name = scaler.fills.map { addFilling($0, to: input, shape: shape) } ?? input
        guard !scaler.isIdentity else { return name }
        var columns = [scaler.offset.count] + shape.dropFirst().map { _ in 1 }
        if scaler.offset.count == 1 { columns = [] } else if scaler.columnSize == 1 { columns = shape }
        return addColumns(
            [("Sub", scaler.offset), ("Mul", scaler.factor)], of: columns, to: name, as: "\(name)_scaled")
    }

    /// Puts what is to be filled in wherever there is no number; what is never missing stays as it is.
    private mutating func addFilling(_ fills: [Float?], to name: String, shape: [Int]) -> String {
        let values = "\(name)_fills", isMissing = "\(name)_missing", result = "\(name)_filled"
        let bytes = fills.map { $0 ?? .nan }.withUnsafeBytes { Array($0) }
        initializers.append(.init(name: values, type: .float32, shape: shape, bytes: bytes))
        operations += [
            .init(name: "IsNaN", inputs: [name], outputs: [isMissing], attributes: []),
            .init(name: "Where", inputs: [isMissing, values, name], outputs: [result], attributes: []),
        ]
        return result
    }

    /// Undoes the scaling of rows of values.
    mutating func addInverse(_ scaler: Scaler, to name: String) -> String {
        guard !scaler.isIdentity else { return name }
        // A constant column has factor 0: its values are the offset.
        let spread = scaler.factor.map { $0 == 0 ? 0 : 1 / $0 }
        return addColumns(
            [("Mul", spread), ("Add", scaler.offset)], of: [spread.count], to: name, as: "\(name)_unscaled")
    }

    private mutating func addColumns(
        _ steps: [(operation: String, numbers: [Double])], of shape: [Int], to name: String, as result: String
    ) -> String {
        var last = "\(result)_wide"
        operations.append(cast(name, to: .float64, as: last))
        for (operation, numbers) in steps {
            let operand = "\(result)_\(operation)"
            initializers.append(
                .init(name: operand, type: .float64, shape: shape, bytes: numbers.withUnsafeBytes { Array($0) }))
            let next = "\(operand)_result"
            operations.append(.init(name: operation, inputs: [last, operand], outputs: [next], attributes: []))
            last = next
        }
        operations.append(cast(last, to: .float32, as: result))
        return result
    }

    private func cast(_ name: String, to type: ElementType, as result: String) -> Operation {
        .init(name: "Cast", inputs: [name], outputs: [result], attributes: [.integer("to", type.rawValue)])
    }
}

extension ONNXTranslation {
    /// Makes the result of `node` an output of the graph.
    func addOutput(_ node: Node, as output: String, scaledBackBy scaler: Scaler?) throws {
        var last = try name(node)
        if let scaler { last = graph.addInverse(scaler, to: last) }
        graph.operations.append(.init(name: "Identity", inputs: [last], outputs: [output], attributes: []))
        graph.outputs.append(.init(name: output, type: .float32, shape: try traces.shape(node)))
    }
}

extension Scaler {
    /// Whether it leaves every number as it is, once what is missing is filled in.
    fileprivate var isIdentity: Bool { offset.allSatisfy { $0 == 0 } && factor.allSatisfy { $0 == 1 } }
}
