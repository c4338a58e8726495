import EspalierGraph
import EspalierSpec

/// Long short-term memory.
///
/// In each step, with sigma the logistic function and * element by element:
/// [i, f, g, o] = W_ih x + b_ih + W_hh h + b_hh; c' = sigma(f) * c + sigma(i) * tanh(g); h' = sigma(o) * tanh(c').
///
/// Shapes: see `RecurrentLayer`; parameters: see `RecurrentStack`, with 4 gates.
///
/// Source: Hochreiter and Schmidhuber 1997, "Long short-term memory"; with the forget gate of Gers, Schmidhuber and
/// Cummins 2000, "Learning to forget".
///
/// Use it for sequences whose distant past matters, on little data; not where sequences are long and data plenty:
/// attention learns more and in parallel.
public final class LSTM: RecurrentLayer {
    public let stack: RecurrentStack
    public let returnsSequences: Bool

    /// - Parameters:
    ///   - inputSize: Values that arrive in a step.
    ///   - hiddenSize: Units of a layer and direction.
    ///   - layers: Layers, each fed with the sequence of the one below.
    ///   - bias: Whether learned values are added.
    ///   - batchFirst: Whether the first axis counts sequences, as that of every layer does; PyTorch's default is time.
    ///   - dropout: The share of values dropped between layers while training.
    ///   - bidirectional: Whether a second direction reads the sequences from their ends.
    ///   - returnsSequences: Whether the result has every step's states, or the last alone.
    ///   - initializer: Of the weights; U(-1/sqrt(H), 1/sqrt(H)) as PyTorch if not given, as the biases always.
    public init(
        _ inputSize: Int, _ hiddenSize: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = true,
        dropout: Double = 0, bidirectional: Bool = false, returnsSequences: Bool = true,
        initializer: (any Initializer)? = nil
    ) {
        self.returnsSequences = returnsSequences
        stack = RecurrentStack(
            .lstm, inputSize, hiddenSize, layers: layers, bias: bias, batchFirst: batchFirst, dropout: dropout,
            bidirectional: bidirectional, initializer: initializer)
    }
}

/// `lstm: {units: 64}` in a configuration.
public struct LSTMSpecification: RecurrentSpecification {
    public var shared = RecurrentSettings()

    public static let name = "lstm"
    public static let summary = "Long short-term memory over sequences [N, steps, in]"
    public static let fields = sharedFields

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        let inputs = try shared.inputs(context, Self.name, gates: RecurrentCell.lstm.gates)
        return LSTM(
            inputs, shared.units, layers: shared.layers, bias: shared.bias, dropout: shared.dropout,
            bidirectional: shared.bidirectional, returnsSequences: shared.returnSequences,
            initializer: shared.initializer?.initializer ?? context.initializer)
    }
}
