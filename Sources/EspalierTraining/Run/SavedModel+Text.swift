import EspalierData
import EspalierGraph
import EspalierSpec
import Foundation

// Writing, with a model of a text.
extension SavedModel {
    /// What the model writes after a beginning: each symbol is drawn from its probabilities for the next one,
    /// softmax(z / temperature) of its outputs z.
    ///
    /// The model sees as many symbols as its training samples had. It has to be one that looks back alone: recurrent in
    /// one direction, or attention with `causal: true`.
    ///
    /// - Parameters:
    ///   - beginning: At least one symbol of the model's vocabulary.
    ///   - count: How many symbols are written.
    ///   - temperature: Below 1 likely symbols become likelier; near 0 the likeliest is always taken.
    ///   - seed: What the draws follow from.
    /// - Throws: `EspalierError` for a model of other data, or a character that it does not know.
    public func continuation(
        of beginning: String, count: Int, temperature: Double = 1, seed: Int = 0
    ) throws -> String {
        guard let source = experiment.data.source as? TextSource, let classNames else {
            throw EspalierError(
                "\(type(of: experiment.data.source).name) is no text, so the model cannot write on",
                at: experiment.name, expected: "a run on text")
        }
        guard temperature > 0, temperature.isFinite else {
            throw EspalierError("the temperature is \(temperature)", expected: "a number above 0", fix: "1")
        }
        var symbols = try source.numbers(of: beginning)
        guard !symbols.isEmpty else {
            throw EspalierError("there is no beginning to go on from", expected: "at least one character")
        }
        let first = symbols.count, length = sampleShape[0], width = classNames.count
        let predictor = try trainer.predictor(batchSize: 1)
        var random = RandomStream(seed: UInt64(bitPattern: Int64(seed)), "continuation")
        for _ in 0..<count {
            let seen = symbols.suffix(length)
            // What follows the last symbol is not looked at.
            predictor.inputs.update(repeating: 0)
            for (position, symbol) in seen.enumerated() { predictor.inputs[position] = Float(symbol) }
            let outputs = try predictor.run()
            let row = outputs[(seen.count - 1) * width..<seen.count * width]
            symbols.append(Int32(drawn(row.map { Double($0) / temperature }, random.uniform())))
        }
        return source.text(of: Array(symbols[first...]))
    }

    /// What the model writes after the text in a file: see `continuation(of:count:temperature:seed:)`.
    public func continuation(
        ofTextAt path: String, count: Int, temperature: Double = 1, seed: Int = 0
    ) throws -> String {
        let bytes = try SystemFile.read(path, kind: "text", limit: 1 << 24)
        let text = try SystemFile.text(bytes, file: path)
        return try continuation(of: text, count: count, temperature: temperature, seed: seed)
    }

    /// The position whose share of softmax(logits) the number `position` of 0..<1 falls into.
    private func drawn(_ logits: [Double], _ position: Double) -> Int {
        let largest = logits.max() ?? 0
        let weights = logits.map { exp($0 - largest) }
        var rest = position * weights.reduce(0, +)
        for (index, weight) in weights.enumerated() {
            rest -= weight
            if rest < 0 { return index }
        }
        // Rounding alone leads here; the likeliest is surely one that can be drawn.
        return weights.indices.max { weights[$0] < weights[$1] } ?? 0
    }
}
