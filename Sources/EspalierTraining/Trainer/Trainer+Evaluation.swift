import EspalierData
import EspalierEngine
import EspalierNN

// Using the model: scores on data, and outputs.
extension Trainer {
    /// Loss and metrics on `data`, in inference.
    ///
    /// - Parameters:
    ///   - data: Any number of samples.
    ///   - intervals: Whether to say between which bounds the metrics lie on other samples like these, for samples that
    ///     the model was not trained on.
    /// - Throws: `EspalierError` for data that the model cannot take, `EngineError` for a label out of range.
    public func evaluate(_ data: Dataset, intervals: Bool = false) throws -> Scores {
        try check(data)
        var sums = ScoreSums(plans)
        for rows in Batches(Array(0..<data.count), size: evaluationBatch) {
            let executable = try plan(.evaluate, batch: rows.count)
            copy(rows, of: data, to: executable)
            try executable.run()
            sums.add(executable, samples: rows.count, plans)
        }
        return sums.scores(intervals: intervals)
    }

    /// The model's outputs for `inputs`, samples of the shape that it was made for, one after the other.
    public func predict(_ inputs: [Float]) throws -> [Float] {
        let size = plans.sampleShape.count
        precondition(inputs.count % size == 0, "\(inputs.count) values are no samples of \(plans.sampleShape)")
        var outputs: [Float] = []
        for rows in Batches(Array(0..<inputs.count / size), size: evaluationBatch) {
            let executable = try plan(.predict, batch: rows.count)
            let range = rows.startIndex * size..<rows.endIndex * size
            _ = executable.input(0).floats.update(fromContentsOf: inputs[range])
            try executable.run()
            outputs += executable.output(0)
        }
        return outputs
    }

    /// Inference keeps nothing for a backward pass, so that its batches may be larger. A sample with a label at each step
    /// counts as so many samples.
    var evaluationBatch: Int {
        max(settings.batchSize, 256 / (plans.targetKind == .classes ? plans.targetShape.count : 1))
    }
}
