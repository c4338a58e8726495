import EspalierGraph
import EspalierSpec

/// The plain recurrent layer.
///
/// In each step h' = f(W_ih x + b_ih + W_hh h + b_hh), with f the hyperbolic tangent or max(0, .).
///
/// Shapes: see `RecurrentLayer`; parameters: see `RecurrentStack`, with one gate.
///
/// Source: Elman 1990, "Finding structure in time".
///
/// Use it for short sequences and as a baseline; not for long ones, over which its gradient vanishes or explodes.
public final class RNN: RecurrentLayer {
    /// What is applied in each step.
    public enum Nonlinearity: String, ConfigurationRepresentable, Hashable, CaseIterable {
        case tanh, relu
    }

    public let stack: RecurrentStack
    public let returnsSequences: Bool

    /// - Parameters:
    ///   - inputSize: Values that arrive in a step.
    ///   - hiddenSize: Units of a layer and direction.
    ///   - layers: Layers, each fed with the sequence of the one below.
    ///   - nonlinearity: What is applied in each step.
    ///   - bias: Whether learned values are added.
    ///   - batchFirst: Whether the first axis counts sequences, as that of every layer does; PyTorch's default is time.
    ///   - dropout: The share of values dropped between layers while training.
    ///   - bidirectional: Whether a second direction reads the sequences from their ends.
    ///   - returnsSequences: Whether the result has every step's states, or the last alone.
    ///   - initializer: Of the weights; U(-1/sqrt(H), 1/sqrt(H)) as PyTorch if not given, as the biases always.
    public init(
        _ inputSize: Int, _ hiddenSize: Int, layers: Int = 1, nonlinearity: Nonlinearity = .tanh, bias: Bool = true,
        batchFirst: Bool = true, dropout: Double = 0, bidirectional: Bool = false, returnsSequences: Bool = true,
        initializer: (any Initializer)? = nil
    ) {
        self.returnsSequences = returnsSequences
        stack = RecurrentStack(
            nonlinearity == .relu ? .relu : .tanh, inputSize, hiddenSize, layers: layers, bias: bias,
            batchFirst: batchFirst, dropout: dropout, bidirectional: bidirectional, initializer: initializer)
    }
}

/// `rnn: {units: 64}` in a configuration.
public struct RNNSpecification: RecurrentSpecification {
    public var shared = RecurrentSettings()
    public var nonlinearity = RNN.Nonlinearity.tanh

    public static let name = "rnn"
    public static let summary = "Plain recurrent layer over sequences [N, steps, in]"
    public static let fields =
        sharedFields + [
            Field("nonlinearity", \Self.nonlinearity, "what is applied in each step")
        ]

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        let inputs = try shared.inputs(context, Self.name, gates: RecurrentCell.tanh.gates)
        return RNN(
            inputs, shared.units, layers: shared.layers, nonlinearity: nonlinearity, bias: shared.bias,
            dropout: shared.dropout, bidirectional: shared.bidirectional, returnsSequences: shared.returnSequences,
            initializer: shared.initializer?.initializer ?? context.initializer)
    }
}
