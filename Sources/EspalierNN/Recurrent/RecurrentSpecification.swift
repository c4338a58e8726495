import EspalierGraph
import EspalierSpec

/// The settings that `lstm`, `gru` and `rnn` have in common.
public struct RecurrentSettings: Sendable, Hashable {
    public var units = 0
    public var layers = 1
    public var bidirectional = false
    public var returnSequences = false
    public var dropout = 0.0
    public var bias = true
    public var initializer: InitializerChoice?

    /// Inputs of a step, where samples are sequences and the weights fit in memory.
    func inputs(_ context: LayerContext, _ name: String, gates: Int) throws -> Int {
        guard context.input.rank == 2, context.input[0] >= 1 else {
            throw EspalierError(
                "\(name) takes sequences, and samples of \(context.input) arrive",
                expected: "samples of shape [steps, features]",
                fix: "returnSequences: true where another recurrent layer is before it")
        }
        let widest = max(context.input[1], layers > 1 && bidirectional ? 2 * units : units)
        try context.checkSize(gates * units, widest)
        return context.input[1]
    }
}

/// A recurrent layer in a configuration.
public protocol RecurrentSpecification: LayerSpecification {
    var shared: RecurrentSettings { get set }
}

extension RecurrentSpecification {
    public static var kind: LayerKind { .layer }

    static var sharedFields: [Field<Self>] {
        [
            Field("units", \Self.shared.units, "units of a layer and direction", required: true, in: 1...),
            Field("layers", \Self.shared.layers, "layers, each fed with the sequence of the one below", in: 1...1000),
            Field("bidirectional", \Self.shared.bidirectional, "whether a second direction reads from the end"),
            Field(
                "returnSequences", \Self.shared.returnSequences,
                "whether every step's states leave, [steps, units], or the last alone, [units]"),
            Field("dropout", \Self.shared.dropout, "share of the values dropped between layers", in: 0..<1),
            Field("bias", \Self.shared.bias, "whether learned values are added"),
            Field("initializer", \Self.shared.initializer, "of the weights; null is uniform within 1/sqrt(units)"),
        ]
    }
}
