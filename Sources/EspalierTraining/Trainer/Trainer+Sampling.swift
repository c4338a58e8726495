import EspalierData
import EspalierGraph
import EspalierNN

extension Trainer {
    /// What the model says of samples: the probability of each class, or the values, as the loss reads its outputs.
    ///
    /// - Parameter inputs: Samples of the shape that the model was made for, one after the other.
    /// - Throws: `EngineError` for an index out of range, such as that of a symbol beyond the vocabulary.
    public func predictions(for inputs: [Float]) throws -> [Float] {
        try predictions(from: predict(inputs), rows: inputs.count / plans.sampleShape.count)
    }

    /// The same of the samples of `data`.
    ///
    /// - Throws: `EspalierError` for samples of another shape, and where they cannot be read; `EngineError` as above.
    public func predictions(for data: Dataset) throws -> [Float] {
        try predictions(from: predict(data), rows: data.count)
    }

    private func predictions(from outputs: [Float], rows: Int) throws -> [Float] {
        guard !outputs.isEmpty else { return [] }
        // Where there is a label for each step, there is an answer for each.
        let answers = plans.targetKind == .classes ? rows * plans.targetShape.count : rows
        return try plans.loss.predictions(
            Tensor(outputs, [answers, outputs.count / answers]), of: plans.targetKind
        ).values()
    }

    /// Mean and spread of what the model says of samples over several draws of its random layers (Monte-Carlo dropout).
    ///
    /// Layers with dropout stay as in training; batch normalisation is as in inference. The spread is the standard
    /// deviation over the draws, of each probability or value: large where the model would say something else had it
    /// lost other units. The same seed gives the same draws; without a random layer the spread is 0.
    ///
    /// - Parameters:
    ///   - inputs: Samples of the shape that the model was made for, one after the other.
    ///   - samples: How many draws, at least 2.
    /// - Throws: `EngineError` for an index out of range, such as that of a symbol beyond the vocabulary.
    ///
    /// Source: Gal and Ghahramani 2016, "Dropout as a Bayesian approximation".
    public func predictions(for inputs: [Float], samples: Int) throws -> (mean: [Float], spread: [Float]) {
        precondition(samples >= 2, "a spread needs at least two draws, not \(samples)")
        let size = plans.sampleShape.count
        precondition(inputs.count % size == 0, "\(inputs.count) values are no samples of \(plans.sampleShape)")
        var means: [Float] = [], spreads: [Float] = []
        for (number, rows) in Batches(Array(0..<inputs.count / size), size: evaluationBatch).enumerated() {
            let executable = try plan(.sample, batch: rows.count)
            _ = executable.input(0).floats.update(fromContentsOf: inputs[rows.startIndex * size..<rows.endIndex * size])
            var mean: [Double] = [], squares: [Double] = []
            for draw in 1...samples {
                state.setKey(RandomKey(seed: UInt64(settings.seed), ["prediction", String(number), String(draw)]))
                try executable.run()
                let values = executable.output(0)
                if draw == 1 {
                    mean = values.map(Double.init)
                    squares = [Double](repeating: 0, count: values.count)
                    continue
                }
                for (index, value) in values.enumerated() {
                    let difference = Double(value) - mean[index]
                    mean[index] += difference / Double(draw)
                    squares[index] += difference * (Double(value) - mean[index])
                }
            }
            means += mean.map { Float($0) }
            spreads += squares.map { Float(($0 / Double(samples - 1)).squareRoot()) }
        }
        return (means, spreads)
    }
}
