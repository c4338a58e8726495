import EspalierGraph

extension PrimitiveCase {
    /// Recurrent layers over whole sequences.
    static let recurrences: [PrimitiveCase] = {
        let steps = 3, batch = 2, units = 2
        func recurrence(
            _ name: String, _ cell: RecurrentCell, isReversed: Bool = false,
            _ result: @escaping @Sendable (_ sequence: Tensor, _ hidden: Tensor, _ state: Tensor?) -> Tensor
        ) -> PrimitiveCase {
            let state: Shape = [batch, units]
            return PrimitiveCase(
                "\(cell) recurrence \(name)", .uniform(-1...1), .uniform(-1...1), .uniform(-1...1), .uniform(-1...1),
                .uniform(-1...1),
                shapes: [[steps, batch, cell.gates * units], [cell.gates * units, units], [units], state, state]
            ) { x in
                let results = Tensor.recurrence(
                    cell, projection: x[0], weight: x[1], candidateBias: cell == .gru ? x[2] : nil, hidden: x[3],
                    state: cell == .lstm ? x[4] : nil, isReversed: isReversed)
                return result(results.sequence, results.hidden, results.state)
            }
        }
        return [RecurrentCell.tanh, .lstm, .gru].flatMap { cell in
            [
                recurrence("sequence", cell) { sequence, _, _ in sequence },
                recurrence("last state", cell) { _, hidden, state in state.map { hidden * $0 } ?? hidden },
                recurrence("reversed", cell, isReversed: true) { sequence, hidden, state in
                    .concatenate(
                        [sequence.slice(0..<2).flattened(), hidden.flattened()] + (state.map { [$0.flattened()] } ?? [])
                    )
                },
            ]
        } + [
            .init(
                "relu recurrence", .uniform(0.2...1), .uniform(0.1...0.5), .uniform(0.1...1),
                shapes: [[3, 2, 4], [4, 4], [2, 4]]
            ) { Tensor.recurrence(.relu, projection: $0[0], weight: $0[1], hidden: $0[2]).sequence },
            // From zeros, the states one tensor, and of a single step.
            .init("lstm recurrence from one tensor", .uniform(-1...1), .uniform(-1...1), shapes: [[1, 2, 8], [8, 2]]) {
                let state = $0[0].slice(starts: [0, 0, 2], counts: [1, 2, 2]).reshaped(to: [2, 2])
                return Tensor.recurrence(.lstm, projection: $0[0], weight: $0[1], hidden: state, state: state).hidden
            },
            .init("gru recurrence from zeros", .uniform(-1...1), .uniform(-1...1), shapes: [[2, 1, 6], [6, 2]]) {
                Tensor.recurrence(.gru, projection: $0[0], weight: $0[1]).sequence
            },
        ]
    }()
}
