import EspalierGraph
import EspalierSpec

/// Gated recurrent units.
///
/// In each step, with sigma the logistic function and * element by element:
/// r = sigma(W_ir x + b_ir + W_hr h + b_hr); z = sigma(W_iz x + b_iz + W_hz h + b_hz);
/// n = tanh(W_in x + b_in + r * (W_hn h + b_hn)); h' = (1 - z) * n + z * h.
///
/// Shapes: see `RecurrentLayer`; parameters: see `RecurrentStack`, with 3 gates.
///
/// Source: Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder for statistical machine
/// translation"; in the form in which r multiplies the product, as cuDNN and PyTorch have it.
///
/// Use it for sequences as `lstm`, with a quarter fewer weights; not for counting over long spans, for which the cell
/// of an LSTM is better.
public final class GRU: RecurrentLayer {
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
            .gru, inputSize, hiddenSize, layers: layers, bias: bias, batchFirst: batchFirst, dropout: dropout,
            bidirectional: bidirectional, initializer: initializer)
    }
}

/// `gru: {units: 64}` in a configuration.
public struct GRUSpecification: RecurrentSpecification {
    public var shared = RecurrentSettings()

    public static let name = "gru"
    public static let summary = "Gated recurrent units over sequences [N, steps, in]"
    public static let fields = sharedFields

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        let inputs = try shared.inputs(context, Self.name, gates: RecurrentCell.gru.gates)
        return GRU(
            inputs, shared.units, layers: shared.layers, bias: shared.bias, dropout: shared.dropout,
            bidirectional: shared.bidirectional, returnsSequences: shared.returnSequences,
            initializer: shared.initializer?.initializer ?? context.initializer)
    }
}
