/// A recurrent layer over whole sequences, in one direction.
///
/// Operands, with T time steps, B sequences, H units:
/// - the projected input of all time steps, x W_ih^T + b [T, B, gates * H];
/// - the recurrent weight W_hh [gates * H, H];
/// - of a GRU, b_hn [H];
/// - the hidden state before the first step [B, H];
/// - of an LSTM, the cell state before the first step [B, H].
///
/// The result is flat: see `Parts`.
public struct Recurrence: Expandable {
    public let cell: RecurrentCell
    /// Whether the last time step comes first.
    public let isReversed: Bool

    public init(_ cell: RecurrentCell, isReversed: Bool = false) {
        self.cell = cell
        self.isReversed = isReversed
    }

    public var description: String { "\(cell) over time\(isReversed ? ", reversed" : "")" }

    /// What lies where in the result.
    struct Parts {
        /// Hidden states after each time step [T, B, H].
        let sequence: Range<Int>
        /// The hidden state after the last step taken [B, H].
        let hidden: Range<Int>
        /// The cell state after the last step taken [B, H]; empty where there is none.
        let cell: Range<Int>
        /// Kept for the derivative: activated gates [T, B, gates * H] of an LSTM or GRU.
        let gates: Range<Int>
        /// Kept for the derivative: an LSTM's cell states, or a GRU's W_hn h + b_hn, [T, B, H].
        let memory: Range<Int>

        init(_ function: RecurrentCell, steps: Int, batch: Int, units: Int) {
            let state = batch * units, isGated = function.gates > 1
            sequence = 0..<steps * state
            hidden = sequence.upperBound..<sequence.upperBound + state
            cell = hidden.upperBound..<hidden.upperBound + (function == .lstm ? state : 0)
            gates = cell.upperBound..<cell.upperBound + (isGated ? steps * state * function.gates : 0)
            memory = gates.upperBound..<gates.upperBound + (isGated ? steps * state : 0)
        }
    }

    /// The operands by name.
    struct Operands {
        var projection, weight: Tensor
        var candidateBias: Tensor?
        var hidden: Tensor
        var cell: Tensor?

        init(_ function: RecurrentCell, _ inputs: [Tensor]) {
            projection = inputs[0]
            weight = inputs[1]
            candidateBias = function == .gru ? inputs[2] : nil
            hidden = inputs[function == .gru ? 3 : 2]
            cell = function == .lstm ? inputs[3] : nil
        }

        var steps: Int { projection.shape[0] }
        var batch: Int { projection.shape[1] }
        var units: Int { weight.shape[1] }
    }

    func parts(steps: Int, batch: Int, units: Int) -> Parts {
        Parts(cell, steps: steps, batch: batch, units: units)
    }

    /// Where in the result a user's parts lie: the sequence, the last hidden state, and of an LSTM the last cell state.
    package func visibleParts(steps: Int, batch: Int, units: Int) -> [Range<Int>] {
        let parts = parts(steps: steps, batch: batch, units: units)
        return [parts.sequence, parts.hidden] + (cell == .lstm ? [parts.cell] : [])
    }

    func parts(_ operands: Operands) -> Parts {
        parts(steps: operands.steps, batch: operands.batch, units: operands.units)
    }

    /// How many operands there are.
    public var operandCount: Int { cell == .lstm || cell == .gru ? 4 : 3 }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        let projection = inputs[0].shape
        guard inputs.count == operandCount, inputs.allSatisfy({ $0.dtype == .float32 }), projection.rank == 3,
            projection[0] >= 1, projection[2] % cell.gates == 0
        else {
            throw ShapeError(
                description, "needs \(operandCount) float32 operands, the first [T, B, \(cell.gates) H] with T >= 1",
                inputs)
        }
        let units = projection[2] / cell.gates, state: Shape = [projection[1], units]
        let expected: [Shape] =
            [projection, [cell.gates * units, units]] + (cell == .gru ? [[units]] : []) + [state]
            + (cell == .lstm ? [state] : [])
        guard inputs.map(\.shape) == expected else {
            throw ShapeError(description, "needs operands of \(expected)", inputs)
        }
        let parts = parts(steps: projection[0], batch: projection[1], units: units)
        return TensorType([parts.memory.upperBound])
    }

    /// The steps in the order of time.
    func unrolled(_ operands: Operands, candidateBias: Tensor?) -> [RecurrentStep] {
        func at(_ time: Int, _ sequence: Tensor) -> Tensor { sequence.slice(time..<time + 1).flattened(to: 2) }
        var step = RecurrentStep(hidden: operands.hidden, memory: operands.cell)
        let times = Array(0..<operands.steps)
        let steps = (isReversed ? times.reversed() : times).map { time in
            step = cell.step(
                at(time, operands.projection), weight: operands.weight,
                candidateBias: candidateBias.map { at(time, $0) }, after: step)
            return step
        }
        return isReversed ? steps.reversed() : steps
    }

    /// A GRU's b_hn for every time step and sequence.
    func stretchedBias(_ operands: Operands) -> Tensor? {
        operands.candidateBias?.broadcast(to: [operands.steps, operands.batch, operands.units])
    }

    public func expanded(_ inputs: [Tensor]) -> Tensor {
        let operands = Operands(cell, inputs)
        let steps = unrolled(operands, candidateBias: stretchedBias(operands))
        // What is kept for the derivative is no result: nothing is differentiated through it.
        let kept = steps.compactMap(\.gates) + (cell == .tanh || cell == .relu ? [] : steps.compactMap(\.memory))
        let parts = steps.map(\.hidden) + visibleEnd(steps) + kept.map { $0.stopGradient() }
        return .concatenate(parts.map { $0.flattened() })
    }

    /// The states after the last step taken.
    private func visibleEnd(_ steps: [RecurrentStep]) -> [Tensor] {
        let last = isReversed ? steps[0] : steps[steps.count - 1]
        return cell == .lstm ? [last.hidden, last.memory!] : [last.hidden]
    }

    /// What a user sees of the result: the sequence and the last states.
    func visible(_ operands: Operands, candidateBias: Tensor?) -> [Tensor] {
        let steps = unrolled(operands, candidateBias: candidateBias)
        return [.concatenate(steps.map { $0.hidden.expanded(at: 0) })] + visibleEnd(steps)
    }

    /// Backpropagation through time gives the cotangent of the projection; that of the weight is one product over all
    /// time steps.
    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let operands = Operands(cell, inputs), parts = parts(operands)
        let gradient = RecurrenceGradient(of: self)
        var given =
            inputs + [
                output, cotangent.slice(parts.sequence).reshaped(to: [operands.steps, operands.batch, operands.units]),
            ]
        given += ([parts.hidden] + (cell == .lstm ? [parts.cell] : [])).map {
            cotangent.slice($0).reshaped(to: operands.hidden.shape)
        }
        let whole = Tensor.apply(gradient, given), ranges = gradient.parts(operands)
        let projection = whole.slice(ranges.projection).reshaped(to: operands.projection.shape)
        let hidden = whole.slice(ranges.hidden).reshaped(to: operands.hidden.shape)
        let previous = output.slice(parts.sequence).reshaped(to: [operands.steps, operands.batch, operands.units])
        func product(_ cotangent: Tensor) -> Tensor { self.product(cotangent, previous, operands.hidden) }
        switch cell {
        case .tanh, .relu: return [projection, product(projection), hidden]
        case .lstm:
            let cell = whole.slice(ranges.cell).reshaped(to: operands.hidden.shape)
            return [projection, product(projection), hidden, cell]
        case .gru:
            let candidates = whole.slice(ranges.candidates).reshaped(to: previous.shape)
            let weight = [projection.slice(0..<2 * operands.units, axis: 2), candidates].map(product)
            return [projection, .concatenate(weight), candidates.sum(axes: [0, 1]), hidden]
        }
    }

    /// The sum over time of cotangent^T times the state before, [K, H] for cotangents [T, B, K].
    private func product(_ cotangent: Tensor, _ sequence: Tensor, _ initial: Tensor) -> Tensor {
        let steps = sequence.shape[0], first = isReversed ? steps - 1 : 0
        func product(_ times: Range<Int>, _ states: Tensor) -> Tensor {
            cotangent.slice(times).flattened(to: 2).matmul(states.flattened(to: 2), transposeFirst: true)
        }
        var terms: [Tensor] = []
        if steps > 1 {
            terms.append(
                isReversed
                    ? product(0..<steps - 1, sequence.slice(1..<steps))
                    : product(1..<steps, sequence.slice(0..<steps - 1)))
        }
        if initial.constantValue != 0 { terms.append(product(first..<first + 1, initial)) }
        guard let last = terms.popLast() else { return .zeros([cotangent.shape[2], sequence.shape[2]]) }
        return terms.reduce(last, +)
    }
}

extension Tensor {
    /// The leading axes in one, so that `rank` axes are left.
    fileprivate func flattened(to rank: Int) -> Tensor {
        let kept = shape.dimensions.suffix(rank - 1)
        return reshaped(to: Shape([shape.dimensions.dropLast(rank - 1).reduce(1, *)] + kept))
    }

    /// A recurrent layer over whole sequences: T time steps, B sequences, H units.
    ///
    /// - Parameters:
    ///   - cell: What a step computes.
    ///   - projection: x W_ih^T + b for all time steps, [T, B, gates * H]; gates in PyTorch's order.
    ///   - weight: W_hh [gates * H, H].
    ///   - candidateBias: b_hn [H], which a GRU adds before the reset gate multiplies; zeros if not given.
    ///   - hidden: The hidden state before the first step [B, H]; zeros if not given.
    ///   - state: An LSTM's cell state before the first step [B, H]; zeros if not given.
    ///   - isReversed: Whether the last time step comes first.
    /// - Returns: The hidden states [T, B, H] in the order of time, and the states [B, H] after the last step taken.
    public static func recurrence(
        _ cell: RecurrentCell, projection: Tensor, weight: Tensor, candidateBias: Tensor? = nil, hidden: Tensor? = nil,
        state: Tensor? = nil, isReversed: Bool = false
    ) -> (sequence: Tensor, hidden: Tensor, state: Tensor?) {
        precondition(projection.rank == 3 && weight.rank == 2, "recurrence: needs [T, B, gates * H] and [gates * H, H]")
        let steps = projection.shape[0], batch = projection.shape[1], units = weight.shape[1]
        let zeros = Tensor.zeros([batch, units])
        var operands = [projection, weight]
        if cell == .gru { operands.append(candidateBias ?? .zeros([units])) }
        operands.append(hidden ?? zeros)
        if cell == .lstm { operands.append(state ?? zeros) }
        let recurrence = Recurrence(cell, isReversed: isReversed)
        let parts = recurrence.parts(steps: steps, batch: batch, units: units)
        let whole = Tensor.apply(recurrence, operands)
        return (
            whole.slice(parts.sequence).reshaped(to: [steps, batch, units]),
            whole.slice(parts.hidden).reshaped(to: [batch, units]),
            cell == .lstm ? whole.slice(parts.cell).reshaped(to: [batch, units]) : nil
        )
    }
}
