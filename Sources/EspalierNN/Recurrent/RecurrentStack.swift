import EspalierGraph

/// What LSTM, GRU and RNN are made of: layers of one or two directions, each fed with the sequence of the one below.
///
/// With T time steps, B sequences, D directions: layer l reads [T, B, I] (I inputs, or D * H for l > 0) and makes
/// [T, B, D * H], the directions side by side. Parameters of layer l: `weight_ih_l` [gates * H, I], `weight_hh_l`
/// [gates * H, H], `bias_ih_l` and `bias_hh_l` [gates * H], of the second direction with `_reverse` at the end.
public struct RecurrentStack: ParameterList {
    public let cell: RecurrentCell
    public let inputSize: Int
    public let hiddenSize: Int
    /// How many directions there are: one, or two.
    public let directions: Int
    /// Whether the first axis of input and output counts sequences instead of time steps.
    public let batchFirst: Bool
    /// Between layers; empty where nothing is dropped.
    let dropouts: [Dropout]
    private let layers: [[Direction]]

    /// The parameters of one layer in one direction.
    private struct Direction {
        let suffix: String
        let inputWeight, hiddenWeight: Parameter
        let inputBias, hiddenBias: Parameter?

        var named: [(name: String, parameter: Parameter)] {
            [("weight_ih", inputWeight), ("weight_hh", hiddenWeight)].map { ($0 + suffix, $1) }
                + [("bias_ih", inputBias), ("bias_hh", hiddenBias)].compactMap { name, bias in
                    bias.map { (name + suffix, $0) }
                }
        }
    }

    init(
        _ cell: RecurrentCell, _ inputSize: Int, _ hiddenSize: Int, layers count: Int, bias: Bool, batchFirst: Bool,
        dropout: Double, bidirectional: Bool, initializer: (any Initializer)?
    ) {
        precondition(inputSize >= 1 && hiddenSize >= 1 && count >= 1, "\(cell): sizes and layers are at least 1")
        precondition((0..<1).contains(dropout), "\(cell): the share dropped is from 0 to below 1, not \(dropout)")
        self.cell = cell
        self.inputSize = inputSize
        self.hiddenSize = hiddenSize
        self.batchFirst = batchFirst
        let directions = bidirectional ? 2 : 1
        self.directions = directions
        dropouts = dropout > 0 ? (1..<count).map { _ in Dropout(p: dropout) } : []
        let bound = 1 / Double(hiddenSize).squareRoot(), uniform = Uniform(low: -bound, high: bound)
        let initializer = initializer ?? uniform
        layers = (0..<count).map { layer in
            (0..<directions).map { direction in
                func weight(_ inputs: Int) -> Parameter {
                    Parameter(
                        [cell.gates * hiddenSize, inputs], initializer, fans: Fans(input: inputs, output: hiddenSize))
                }
                func offset() -> Parameter? {
                    bias ? Parameter([cell.gates * hiddenSize], uniform, role: .bias) : nil
                }
                return Direction(
                    suffix: "_l\(layer)\(direction == 1 ? "_reverse" : "")",
                    inputWeight: weight(layer == 0 ? inputSize : directions * hiddenSize),
                    hiddenWeight: weight(hiddenSize), inputBias: offset(), hiddenBias: offset())
            }
        }
    }

    /// In PyTorch's order.
    public var parameters: [(name: String, parameter: Parameter)] { layers.joined().flatMap(\.named) }

    /// Of the weights.
    var initializer: any Initializer {
        get { layers[0][0].inputWeight.projectedValue.initializer }
        nonmutating set {
            for direction in layers.joined() {
                direction.inputWeight.projectedValue.initializer = newValue
                direction.hiddenWeight.projectedValue.initializer = newValue
            }
        }
    }

    /// The settings that are not the default, as a layer's description shows them.
    var description: String {
        let settings = [
            "\(inputSize), \(hiddenSize)", layers.count > 1 ? "layers: \(layers.count)" : nil,
            layers[0][0].inputBias == nil ? "bias: false" : nil, batchFirst ? nil : "batchFirst: false",
            dropouts.first.map { "dropout: \($0.p)" }, directions == 2 ? "bidirectional: true" : nil,
        ]
        return settings.compactMap(\.self).joined(separator: ", ")
    }

    /// Takes sequences through all layers.
    ///
    /// - Parameters:
    ///   - x: [B, T, I], or [T, B, I] without `batchFirst`.
    ///   - state: The states before the first step; zeros if not given.
    /// - Returns: The hidden states of the last layer, and the states of all layers after the last step.
    func run(_ x: Tensor, from state: RecurrentState?) -> (output: Tensor, state: RecurrentState) {
        precondition(
            x.rank == 3 && x.shape[2] == inputSize,
            "\(cell): takes \(batchFirst ? "[B, T" : "[T, B"), \(inputSize)], and \(x.shape) arrives")
        var sequence = batchFirst ? x.transposed([1, 0, 2]) : x
        let shape: Shape = [layers.count * directions, sequence.shape[1], hiddenSize]
        for given in [state?.hidden, state?.cell].compactMap(\.self) {
            precondition(given.shape == shape, "\(cell): states have the shape \(shape), not \(given.shape)")
        }
        var hidden: [Tensor] = [], cells: [Tensor] = []
        for (index, layer) in layers.enumerated() {
            if index > 0, !dropouts.isEmpty { sequence = dropouts[index - 1](sequence) }
            let results = layer.indices.map { number in
                func first(_ states: Tensor?) -> Tensor? {
                    let at = index * directions + number
                    return states.map { $0.slice(at..<at + 1).reshaped(to: Shape(Array(shape.dimensions.dropFirst()))) }
                }
                return run(
                    layer[number], on: sequence, hidden: first(state?.hidden), cell: first(state?.cell),
                    isReversed: number == 1)
            }
            sequence = .concatenate(results.map(\.sequence), axis: 2)
            hidden += results.map(\.hidden)
            cells += results.compactMap(\.state)
        }
        func stacked(_ states: [Tensor]) -> Tensor { .concatenate(states.map { $0.expanded(at: 0) }) }
        return (
            batchFirst ? sequence.transposed([1, 0, 2]) : sequence,
            RecurrentState(hidden: stacked(hidden), cell: cells.isEmpty ? nil : stacked(cells))
        )
    }

    private func run(
        _ parameters: Direction, on x: Tensor, hidden: Tensor?, cell state: Tensor?, isReversed: Bool
    ) -> (sequence: Tensor, hidden: Tensor, state: Tensor?) {
        let width = cell.gates * hiddenSize, candidates = 2 * hiddenSize..<3 * hiddenSize
        var projection = x.reshaped(to: [x.shape[0] * x.shape[1], x.shape[2]])
            .matmul(parameters.inputWeight.wrappedValue, transposeSecond: true)
        var candidateBias: Tensor?
        if let inputBias = parameters.inputBias?.wrappedValue, var bias = parameters.hiddenBias?.wrappedValue {
            if cell == .gru {
                // The reset gate multiplies the candidates' recurrent bias, so that one stays inside.
                candidateBias = bias.slice(candidates)
                bias = .concatenate([bias.slice(0..<candidates.lowerBound), .zeros([hiddenSize])])
            }
            projection = projection + (inputBias + bias)
        }
        return Tensor.recurrence(
            cell, projection: projection.reshaped(to: [x.shape[0], x.shape[1], width]),
            weight: parameters.hiddenWeight.wrappedValue, candidateBias: candidateBias, hidden: hidden, state: state,
            isReversed: isReversed)
    }
}

/// The states of all layers and directions: layer by layer, the directions of a layer one after the other.
public struct RecurrentState: Sendable {
    /// [layers * directions, B, H].
    public var hidden: Tensor
    /// An LSTM's cells [layers * directions, B, H], zeros if not given; the others have none.
    public var cell: Tensor?

    public init(hidden: Tensor, cell: Tensor? = nil) {
        self.hidden = hidden
        self.cell = cell
    }
}
