import EspalierGraph
import EspalierSpec
import Foundation

/// A layer as a configuration describes it.
///
/// The shapes that it does not name follow from where it stands.
public protocol LayerSpecification: Specification {
    /// The kind that `espalier list` shows it under.
    static var kind: LayerKind { get }

    /// The layer for samples of the context's shape.
    func makeLayer(_ context: LayerContext) throws -> any Layer
}

/// The kinds of layers that are listed apart.
public enum LayerKind: String, Sendable {
    case layer, activation, normalization
    /// A layer that is also a means against overfitting.
    case regularization
}

/// Where a layer stands in a model.
public struct LayerContext: Sendable {
    /// The shape of one sample as it arrives, without the batch axis.
    public var input: Shape
    /// How many outputs the model has to have: classes, or target values.
    public var outputs: Int
    /// The initialiser of weights that name none, where the configuration gives one for all.
    public var initializer: (any Initializer)?

    public init(input: Shape, outputs: Int, initializer: (any Initializer)? = nil) {
        self.input = input
        self.outputs = outputs
        self.initializer = initializer
    }

    /// Refuses a weight of `rows` x `columns` that training could not hold in this machine's memory: the weight, its
    /// gradient and two values of an optimiser, of four bytes each.
    public func checkSize(_ rows: Int, _ columns: Int) throws {
        let memory = ProcessInfo.processInfo.physicalMemory
        let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
        guard overflow || UInt64(count) > memory / 16 else { return }
        throw EspalierError(
            "a weight of \(rows) x \(columns) does not fit in memory",
            expected: "at most \(memory / 16) values, since training takes 16 bytes for each", fix: "fewer units")
    }
}

extension Registry where Part == any LayerSpecification {
    /// The layers, activations and normalisations that Espalier brings.
    public static var standard: Self {
        var registry = Self(kind: "layer")
        registry.register(LinearSpecification.self) { $0 }
        registry.register(FlattenSpecification.self) { $0 }
        registry.register(DropoutSpecification.self) { $0 }
        registry.register(BatchNormSpecification.self) { $0 }
        registry.register(ReLUSpecification.self) { $0 }
        registry.register(SigmoidSpecification.self) { $0 }
        registry.register(TanhSpecification.self) { $0 }
        registry.register(EmbeddingSpecification.self) { $0 }
        registry.register(PositionalEmbeddingSpecification.self) { $0 }
        registry.register(MultiHeadAttentionSpecification.self) { $0 }
        registry.register(TransformerBlockSpecification.self) { $0 }
        registry.register(LayerNormSpecification.self) { $0 }
        registry.register(RMSNormSpecification.self) { $0 }
        registry.register(GELUSpecification.self) { $0 }
        registry.register(SiLUSpecification.self) { $0 }
        return registry
    }
}
