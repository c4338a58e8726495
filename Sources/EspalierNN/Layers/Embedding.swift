import EspalierGraph
import EspalierSpec

/// A learned vector for each of so many symbols: y = W[x].
///
/// Shapes: x [...] of whole numbers (int32, or float32 as a batch of data is), W (`weight`) [vocabulary, units],
/// y [..., units]. A number outside of `0..<vocabulary` is an error while executing. First vectors are standard normal, as
/// PyTorch's.
///
/// Use it for words, bytes and other symbols; not for numbers whose order means something.
///
/// Source: Bengio, Ducharme, Vincent and Jauvin 2003, "A neural probabilistic language model".
public final class Embedding: Layer {
    @Parameter public var weight: Tensor
    /// The symbol that stands for nothing: its vector is zero, and learns nothing.
    public let paddingIndex: Int?

    /// - Parameters:
    ///   - vocabulary: How many symbols there are.
    ///   - units: Values of a vector.
    ///   - paddingIndex: The symbol that stands for nothing, if there is one.
    ///   - initializer: Of the vectors.
    public init(
        _ vocabulary: Int, _ units: Int, paddingIndex: Int? = nil, initializer: any Initializer = Normal(std: 1)
    ) {
        precondition(
            paddingIndex.map { (0..<vocabulary).contains($0) } ?? true,
            "embedding: the padding index is one of the symbols 0..<\(vocabulary), not \(paddingIndex ?? 0)")
        _weight = Parameter([vocabulary, units], initializer)
        self.paddingIndex = paddingIndex
    }

    public func forward(_ x: Tensor) -> Tensor {
        let symbols = x.cast(to: .int32)
        let vectors = weight.gather(symbols)
        guard let paddingIndex else { return vectors }
        return .select(symbols.expanded(at: -1) .== Tensor(Double(paddingIndex), .int32), 0, vectors)
    }

    public var description: String {
        "Embedding(\(weight.shape[0]), \(weight.shape[1])\(paddingIndex.map { ", paddingIndex: \($0)" } ?? ""))"
    }
}

/// `embedding: {units: 64, vocabulary: auto}` in a configuration.
public struct EmbeddingSpecification: LayerSpecification {
    /// Values of a vector.
    public var units = 1
    /// How many symbols there are.
    public var vocabulary = Units.count(1)
    /// The symbol that stands for nothing, if there is one.
    public var paddingIndex: Int?
    /// Of the vectors.
    public var initializer = InitializerChoice(Normal(std: 1))

    public static let kind = LayerKind.layer
    public static let name = "embedding"
    public static let summary = "A learned vector for each whole number: [...] becomes [..., units]"
    public static let fields = [
        Field("units", \Self.units, "values of a vector", required: true, in: 1...),
        Field(
            "vocabulary", \Self.vocabulary,
            "how many symbols there are, from 0 on; auto takes the number of classes, as for text", required: true,
            accepting: "auto, or a whole number of at least 1"),
        Field(
            "paddingIndex", \Self.paddingIndex, "the symbol that stands for nothing: its vector stays zero", in: 0...),
        Field("initializer", \Self.initializer, "of the vectors"),
    ]

    public init() {}

    public func validate() throws {
        if case .count(let count) = vocabulary { try checkPadding(count) }
    }

    private func checkPadding(_ count: Int) throws {
        guard let paddingIndex, paddingIndex >= count else { return }
        throw EspalierError(
            "embedding: the padding index \(paddingIndex) is not one of the \(count) symbols",
            expected: "a whole number from 0 to \(count - 1), or null")
    }

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        // One output may stand for two classes.
        let count = vocabulary == .automatic ? max(2, context.outputs) : vocabulary.count(context)
        try checkPadding(count)
        try context.checkSize(count, units)
        return Embedding(count, units, paddingIndex: paddingIndex, initializer: initializer.initializer)
    }
}
