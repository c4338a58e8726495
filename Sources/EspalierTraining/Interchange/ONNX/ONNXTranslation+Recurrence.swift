import EspalierGraph
import EspalierSpec

// Recurrent layers as ONNX's LSTM, GRU and RNN, which project their input themselves.
extension ONNXTranslation {
    /// Of ONNX's operator the states of all steps; the last ones are in `recurrentPart`.
    func recurrent(_ node: Node, _ recurrence: Recurrence) throws -> Value {
        let cell = recurrence.cell, inputs = node.inputs.map(Tensor.init)
        guard let projection = Projection(inputs[0]),
            [projection.weight.node, inputs[1].node, projection.bias?.node].compactMap(\.self).allSatisfy(isFixed)
        else { throw unsupported(node, "takes an input that is no product with a weight, which ONNX's operator makes") }
        let units = inputs[1].shape[1]
        var bias = projection.bias ?? .zeros([cell.gates * units])
        bias = cell.inONNXOrder(bias, units: units)
        let recurrentBias: Tensor =
            cell == .gru ? .concatenate([.zeros([2 * units]), inputs[2]]) : .zeros([cell.gates * units])
        let weights = [projection.weight, inputs[1]].map { cell.inONNXOrder($0, units: units).expanded(at: 0) }
        let hidden = inputs[cell == .gru ? 3 : 2]
        let steps = inputs[0].shape[0]
        var operands = [
            add("Reshape", [try name(projection.rows), integers([steps, -1, projection.weight.shape[1]])])
        ]
        operands += try (weights + [Tensor.concatenate([bias, recurrentBias]).expanded(at: 0)]).map(computed)
        operands.append("")
        for state in [hidden] + (cell == .lstm ? [inputs[3]] : []) {
            operands.append(state.constantValue == 0 ? "" : try withDirection(state.node))
        }
        while operands.last == "" { operands.removeLast() }
        let outputs = add(
            cell.operation, operands,
            [
                .integer("hidden_size", units), .text("direction", recurrence.isReversed ? "reverse" : "forward"),
            ] + cell.attributes, outputs: cell == .lstm ? 3 : 2)
        states[node] = outputs
        return Value(name: outputs[0])
    }

    /// A state [B, H] as ONNX has it, with an axis for directions in front.
    private func withDirection(_ node: Node) throws -> String {
        add("Unsqueeze", [try name(node), integers([0])])
    }

    /// What `slice` takes out of the flat result of a recurrence: the sequence, or one of the last states.
    func recurrentPart(_ node: Node, _ slice: Slice, _ other: Slice) throws -> Value {
        let whole = node.inputs[0]
        guard let outputs = states[whole], let recurrence = whole.primitive as? Recurrence else {
            throw unsupported(whole)
        }
        let sizes = whole.inputs[0].type.shape, units = whole.inputs[1].type.shape[1]
        let parts = recurrence.visibleParts(steps: sizes[0], batch: sizes[1], units: units)
        guard let index = parts.firstIndex(where: { slice.starts == [$0.lowerBound] && slice.counts == [$0.count] })
        else { throw unsupported(whole, "is read in a way that ONNX does not know") }
        return Value(name: add("Reshape", [outputs[index], integers([-1])]))
    }

    /// x W^T + b over all steps of a sequence, as recurrent layers make it.
    private struct Projection {
        /// [T * B, I].
        var rows: Node
        /// [gates * H, I].
        var weight: Tensor
        /// [gates * H].
        var bias: Tensor?

        init?(_ tensor: Tensor) {
            guard tensor.node.primitive is Reshape else { return nil }
            var product = tensor.node.inputs[0]
            if (product.primitive as? Binary)?.operation == .add, product.inputs[1].primitive is Broadcast {
                bias = Tensor(product.inputs[1].inputs[0])
                product = product.inputs[0]
            }
            guard let multiply = product.primitive as? MatrixMultiply, !multiply.transposeFirst,
                multiply.transposeSecond, bias == nil || bias?.rank == 1
            else { return nil }
            weight = Tensor(product.inputs[1])
            rows = product.inputs[0]
        }
    }
}

extension RecurrentCell {
    fileprivate var operation: String {
        switch self {
        case .lstm: "LSTM"
        case .gru: "GRU"
        case .tanh, .relu: "RNN"
        }
    }

    fileprivate var attributes: [ONNXGraph.Attribute] {
        switch self {
        case .lstm: []
        case .gru: [.integer("linear_before_reset", 1)]
        case .tanh: [.texts("activations", ["Tanh"])]
        case .relu: [.texts("activations", ["Relu"])]
        }
    }

    /// The rows of all gates, which ONNX has in the order i, o, f, c of an LSTM and z, r, h of a GRU.
    fileprivate func inONNXOrder(_ rows: Tensor, units: Int) -> Tensor {
        let order =
            switch self {
            case .lstm: [0, 3, 1, 2]
            case .gru: [1, 0, 2]
            case .tanh, .relu: [0]
            }
        return .concatenate(order.map { rows.slice($0 * units..<($0 + 1) * units) })
    }
}
