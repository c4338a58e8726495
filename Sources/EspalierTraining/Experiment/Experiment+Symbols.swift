import EspalierData
import EspalierNN
import EspalierSpec

// Samples whose numbers name symbols, such as the characters of a text.
extension Experiment {
    /// Refuses what would change a symbol into something else, and an embedding without a vector for each of them.
    ///
    /// - Throws: `EspalierError` at the setting that is to be changed.
    func checkSymbols(of dataset: Dataset) throws {
        let embedding = model?.first as? EmbeddingSpecification
        if data.scale != .none, data.source.holdsSymbols || embedding != nil {
            throw EspalierError(
                "scale is \(data.scale.rawValue), and "
                    + (data.source.holdsSymbols
                        ? "the numbers of \(dataset.name) name symbols" : "the embedding takes the numbers of symbols"),
                at: places.written("data.scale") ?? places["model.0"], expected: "numbers as they are",
                fix: "data: {scale: none}")
        }
        guard data.source.holdsSymbols else { return }
        if let first = augment.first {
            throw EspalierError(
                "\(type(of: first).name) changes numbers, and those of \(dataset.name) name symbols",
                at: places["augment.0"], expected: "no augmentation of symbols", fix: "leave augment out")
        }
        guard let model else { return }
        guard let embedding else {
            throw EspalierError(
                "\(model.first.map { type(of: $0).name } ?? "the model") takes the numbers of symbols as if they were sizes",
                at: places["model.0"], expected: "an embedding as the first layer",
                fix: "- embedding: {units: 64, vocabulary: auto}")
        }
        if case .count(let count) = embedding.vocabulary, count < dataset.targets.outputs {
            throw EspalierError(
                "the embedding has \(count) vectors, and \(dataset.name) has \(dataset.targets.outputs) symbols",
                at: places["model.0"], expected: "a vector for each symbol", fix: "vocabulary: auto")
        }
    }

    /// The layers for a text about which nothing more is said: what was read so far is remembered by one recurrent layer.
    ///
    /// The numbers are this project's.
    static var chosenTextModel: [any LayerSpecification] {
        var embedding = EmbeddingSpecification()
        embedding.units = 64
        embedding.vocabulary = .automatic
        var memory = LSTMSpecification()
        memory.shared.units = 128
        memory.shared.returnSequences = true
        return [embedding, memory, LinearSpecification()]
    }
}
