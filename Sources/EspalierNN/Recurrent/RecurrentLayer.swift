import EspalierGraph

/// A layer that reads sequences step by step: `LSTM`, `GRU`, `RNN`.
///
/// Shapes, with B sequences of T steps, I inputs, H units, D directions (1 or 2): x [B, T, I], output [B, T, D * H], or
/// the states after the last step [B, D * H] without `returnsSequences`. The second direction's last step is the first
/// in time.
public protocol RecurrentLayer: Initializable {
    var stack: RecurrentStack { get }
    /// Whether the result has every step's states; else those after the last step taken in each direction.
    var returnsSequences: Bool { get }
}

extension RecurrentLayer {
    public func forward(_ x: Tensor) -> Tensor {
        let (output, state) = stack.run(x, from: nil)
        guard !returnsSequences else { return output }
        let count = state.hidden.shape[0]
        let last = (count - stack.directions..<count).map {
            state.hidden.slice($0..<$0 + 1).reshaped(to: [state.hidden.shape[1], stack.hiddenSize])
        }
        return .concatenate(last, axis: 1)
    }

    /// Reads on from `state`, and says in which state it ends; always with every step's output.
    ///
    /// - Parameters:
    ///   - x: [B, T, I], or [T, B, I] without `batchFirst`.
    ///   - state: Of all layers and directions before the first step; zeros if nothing.
    public func callAsFunction(_ x: Tensor, from state: RecurrentState?) -> (output: Tensor, state: RecurrentState) {
        let result = stack.run(x, from: state)
        LayerCall.note(self, x, result.output)
        return result
    }

    public var initializer: (any Initializer)? {
        get { stack.initializer }
        set { if let newValue { stack.initializer = newValue } }
    }

    public var children: [(name: String, layer: any Layer)] {
        stack.dropouts.enumerated().map { ("dropout.\($0)", $1) }
    }

    public var description: String {
        "\(type(of: self))(\(stack.description)\(returnsSequences ? "" : ", returnsSequences: false"))"
    }
}
