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
            try copy(rows, of: data, to: executable)
            try executable.run()
            sums.add(executable, samples: rows.count, plans)
        }
        return sums.scores(intervals: intervals)
    }

    /// The model's outputs for `inputs`, samples of the shape that it was made for, one after the other.
    public func predict(_ inputs: [Float]) throws -> [Float] {
        let size = plans.sampleShape.count
        precondition(inputs.count % size == 0, "\(inputs.count) values are no samples of \(plans.sampleShape)")
        return try predict(count: inputs.count / size) { rows, target in
            _ = target.update(fromContentsOf: inputs[rows.startIndex * size..<rows.endIndex * size])
        }
    }

    /// The model's outputs for the samples of `data`, one after the other.
    ///
    /// - Throws: `EspalierError` for samples of another shape, and where they cannot be read.
    public func predict(_ data: Dataset) throws -> [Float] {
        try checkShape(of: data)
        return try predict(count: data.count) { rows, target in
            if let start = target.baseAddress { try data.copyInputs(rows, to: start) }
        }
    }

    private func predict(
        count: Int, fill: (ArraySlice<Int>, UnsafeMutableBufferPointer<Float>) throws -> Void
    ) throws -> [Float] {
        var outputs: [Float] = []
        for rows in Batches(Array(0..<count), size: evaluationBatch) {
            let executable = try plan(.predict, batch: rows.count)
            try fill(rows, executable.input(0).floats)
            try executable.run()
            outputs += executable.output(0)
        }
        return outputs
    }

    /// Inference keeps nothing for a backward pass, so that its batches may be larger.
    ///
    /// A sample with a label at each step counts as so many samples.
    var evaluationBatch: Int {
        max(settings.batchSize, 256 / (plans.targetKind == .classes ? plans.targetShape.count : 1))
    }
}
