import EspalierTraining

/// A step is decided by too few samples.
///
/// Seen where a training is unstable, or its steps too large, with fewer than `size` samples a step. What is unstable has other reasons as well, so
/// that this is said beside it.
///
/// Source of the size: Masters and Luschi 2018, "Revisiting small batch training for deep neural networks", whose best
/// batches have 2 to 32 samples, with rates that fit.
enum BatchTooSmall: Check {
    static let size = 8

    static func findings(in history: History) -> [Finding] {
        guard let start = history.start, start.batchSize < size, start.trainingSamples >= 4 * size,
            let unstable = UnstableLoss.findings(in: history).first ?? LearningRateTooHigh.findings(in: history).first
        else { return [] }
        return [
            Finding(
                .batchTooSmall, step: unstable.step, .info,
                evidence: [.init("batchSize", Double(start.batchSize)), .init("threshold", Double(size))],
                explanation:
                    "Each step follows from \(start.batchSize) of \(start.trainingSamples) samples, and the training is "
                    + "unstable. The gradient of so few is mostly chance; that of 32 has less than a fifth of the noise of one.",
                remedies: [.init(ChangeBatchSize(size: 32)), .init(ChangeLearningRate(factor: 0.1))])
        ]
    }
}
