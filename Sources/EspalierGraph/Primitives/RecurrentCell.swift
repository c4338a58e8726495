/// What a recurrent layer computes in a time step, with x the projected input (W_ih x + b) and h the state before.
///
/// Gates lie side by side in PyTorch's order. sigma is the logistic function, * goes element by element.
public enum RecurrentCell: String, Sendable, Hashable, CaseIterable {
    /// h' = tanh(x + W_hh h)
    case tanh
    /// h' = max(0, x + W_hh h)
    case relu
    /// [i, f, g, o] = x + W_hh h; c' = sigma(f) * c + sigma(i) * tanh(g); h' = sigma(o) * tanh(c')
    ///
    /// Source: Hochreiter and Schmidhuber 1997, "Long short-term memory"; the forget gate f: Gers, Schmidhuber and
    /// Cummins 2000.
    case lstm
    /// [r, z] = sigma(x + W_hh h); n = tanh(x_n + r * (W_hn h + b_hn)); h' = (1 - z) * n + z * h
    ///
    /// Source: Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder for statistical machine
    /// translation"; in the form in which r multiplies the product, as cuDNN and PyTorch have it.
    case gru

    /// Rows of weights for each unit.
    public var gates: Int {
        switch self {
        case .tanh, .relu: 1
        case .lstm: 4
        case .gru: 3
        }
    }
}

/// One time step, unrolled.
struct RecurrentStep {
    var hidden: Tensor
    /// The state of an LSTM's cells; a GRU's W_hn h + b_hn; nothing of the others.
    var memory: Tensor?
    /// The activated gates, side by side; nothing where the state says as much.
    var gates: Tensor?
}

extension RecurrentCell {
    /// The step that follows `previous`.
    ///
    /// - Parameters:
    ///   - x: The projected input [B, gates * H].
    ///   - weight: W_hh [gates * H, H].
    ///   - candidateBias: A GRU's b_hn [B, H].
    func step(_ x: Tensor, weight: Tensor, candidateBias: Tensor?, after previous: RecurrentStep) -> RecurrentStep {
        let units = weight.shape[1]
        let product = previous.hidden.matmul(weight, transposeSecond: true)
        func gate(_ index: Int, _ tensor: Tensor) -> Tensor {
            tensor.slice(index * units..<(index + 1) * units, axis: 1)
        }
        switch self {
        case .tanh: return RecurrentStep(hidden: (x + product).tanh())
        case .relu: return RecurrentStep(hidden: (x + product).relu())
        case .lstm:
            let sum = x + product
            let i = gate(0, sum).sigmoid(), f = gate(1, sum).sigmoid(), g = gate(2, sum).tanh()
            let o = gate(3, sum).sigmoid()
            let cell = f * previous.memory! + i * g
            return RecurrentStep(
                hidden: o * cell.tanh(), memory: cell, gates: .concatenate([i, f, g, o], axis: 1))
        case .gru:
            let r = (gate(0, x) + gate(0, product)).sigmoid(), z = (gate(1, x) + gate(1, product)).sigmoid()
            let candidate = gate(2, product) + candidateBias!
            let n = (gate(2, x) + r * candidate).tanh()
            return RecurrentStep(
                hidden: (1 - z) * n + z * previous.hidden, memory: candidate,
                gates: .concatenate([r, z, n], axis: 1))
        }
    }
}
