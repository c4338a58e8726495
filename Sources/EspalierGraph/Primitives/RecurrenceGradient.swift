/// Backpropagation through time: the cotangents of a recurrence's operands but the weight's, flat.
///
/// Operands: those of the recurrence, its result, and the cotangents of the sequence [T, B, H], of the last hidden state
/// [B, H] and of an LSTM's last cell state [B, H]. Result: see `Parts`.
public struct RecurrenceGradient: Expandable {
    public let recurrence: Recurrence

    public init(of recurrence: Recurrence) { self.recurrence = recurrence }

    public var description: String { "gradient of \(recurrence)" }

    /// What lies where in the result.
    struct Parts {
        /// Of the projected input [T, B, gates * H].
        let projection: Range<Int>
        /// Of a GRU's W_hn h + b_hn [T, B, H]; empty otherwise.
        let candidates: Range<Int>
        /// Of the hidden state before the first step [B, H].
        let hidden: Range<Int>
        /// Of the cell state before the first step [B, H]; empty where there is none.
        let cell: Range<Int>

        init(_ function: RecurrentCell, steps: Int, batch: Int, units: Int) {
            let state = batch * units
            projection = 0..<steps * state * function.gates
            candidates = projection.upperBound..<projection.upperBound + (function == .gru ? steps * state : 0)
            hidden = candidates.upperBound..<candidates.upperBound + state
            cell = hidden.upperBound..<hidden.upperBound + (function == .lstm ? state : 0)
        }
    }

    func parts(_ operands: Recurrence.Operands) -> Parts {
        Parts(recurrence.cell, steps: operands.steps, batch: operands.batch, units: operands.units)
    }

    private var isLSTM: Bool { recurrence.cell == .lstm }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        let count = recurrence.operandCount
        guard inputs.count == count + (isLSTM ? 4 : 3) else {
            throw ShapeError(description, "needs the recurrence's operands, its result, and cotangents", inputs)
        }
        let result = try recurrence.resultType(of: Array(inputs[..<count]))
        let projection = inputs[0].shape, units = inputs[1].shape[1]
        let state = TensorType([projection[1], units])
        let expected = [result, TensorType([projection[0], projection[1], units]), state] + (isLSTM ? [state] : [])
        guard Array(inputs[count...]) == expected else {
            throw ShapeError(description, "needs a result and cotangents of \(expected)", inputs)
        }
        let parts = Parts(recurrence.cell, steps: projection[0], batch: projection[1], units: units)
        return TensorType([parts.cell.upperBound])
    }

    /// The derivative of the unrolled steps, which needs no result; kernels find in it what was kept.
    public func expanded(_ inputs: [Tensor]) -> Tensor {
        Tensor.partial(inputs) { inputs in
            let operands = Recurrence.Operands(recurrence.cell, inputs)
            let bias = recurrence.stretchedBias(operands)
            let variables = [operands.projection, bias, operands.hidden, operands.cell].compactMap(\.self)
            let cotangents = Tensor.pullback(
                recurrence.visible(operands, candidateBias: bias),
                cotangents: Array(inputs[(recurrence.operandCount + 1)...]), by: variables)
            return [.concatenate(cotangents.map { $0.flattened() })]
        }[0]
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        partialPullback(cotangent, inputs, by: inputs.indices.filter { $0 != recurrence.operandCount })
    }
}
