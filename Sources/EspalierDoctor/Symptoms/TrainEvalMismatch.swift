import EspalierTraining

/// The model says something else in inference than in training.
///
/// A network whose normalisations use the batch in training and running statistics in inference is measured in both: the
/// training samples in training (in the best epoch) and, once the training has ended, in inference. It counts where the skill
/// in inference is lower by more than `gap`; as the weights that are kept are those of the best epoch, also held-out samples
/// must have been known worse than that in most epochs, from the first third of them on.
///
/// Source: Ioffe 2017, "Batch renormalization", on what batches that are small or unlike each other do; the gap is this
/// project's.
enum TrainEvalMismatch: Check {
    static let gap = 0.1

    static func findings(in history: History) -> [Finding] {
        let normalizes =
            history.start?.layers.contains { $0.layer.contains("BatchNorm") } ?? false
            // Those within blocks are seen by probes alone.
            || history.probes.last?.normalizations.isEmpty == false
        guard let start = history.start, normalizes, history.epochs.count >= 3, let train = trainSkill(history)
        else { return [] }
        let gaps = history.epochs.compactMap { record -> Double? in
            guard let held = record.validation.flatMap(history.skill), let train = history.skill(record.train) else {
                return nil
            }
            return train - held
        }
        let thirds = [gaps.prefix(gaps.count / 3), gaps.suffix(gaps.count - gaps.count / 3)]
        let isThroughout = thirds.allSatisfy { part in part.count { $0 > gap } * 2 > part.count }
        guard gaps.isEmpty || isThroughout else { return [] }
        // While a training goes on, held-out samples alone do not tell this from overfitting.
        let inference = history.final?.train.flatMap(history.skill)
        guard let inference, train - inference > gap else { return [] }
        let shift = shift(history)
        return [
            Finding(
                .trainEvalMismatch, step: history.epochs.last?.step, .warning,
                evidence: [
                    .init("trainingSkill", train), .init("inferenceSkill", inference), .init("threshold", gap),
                    .init("batchSize", Double(start.batchSize)),
                ] + (shift?.evidence ?? []),
                explanation:
                    "The same training samples are known \(train.percent) of the way from a constant answer to perfection in "
                    + "training, and \(inference.percent) in inference. In training, batch normalisation uses the mean and the "
                    + "spread of the batch at hand, here of \(start.batchSize) samples; in inference those that were gathered "
                    + "over the training. Where batches are small, or unlike each other, the two differ."
                    + (shift.map(Self.explanation) ?? ""),
                remedies: [.init(ChangeBatchSize(size: max(64, 4 * start.batchSize)))])
        ]
    }

    /// Of the layer whose batches were farthest from its running statistics in the last probes, typically.
    private static func shift(_ history: History) -> NormalizationProbe? {
        let last = Dictionary(grouping: history.probes.suffix(8).flatMap(\.normalizations), by: \.path)
        let typical = last.compactMap { path, probes -> NormalizationProbe? in
            guard let shift = probes.map(\.meanShift).filter(\.isFinite).median,
                let ratio = probes.map(\.deviationRatio).filter(\.isFinite).median
            else { return nil }
            return NormalizationProbe(path: path, meanShift: shift, deviationRatio: ratio)
        }
        return typical.max { ($0.meanShift, $1.path) < ($1.meanShift, $0.path) }
    }

    private static func explanation(of shift: NormalizationProbe) -> String {
        " It differs most at layer \(shift.path): in the last probes the means of its channels over a batch lay "
            + "\(shift.meanShift.short) running deviations off the running means, and the deviations were "
            + "\(shift.deviationRatio.short) times the running ones."
    }

    /// In training, in the epoch whose weights are kept: what is learned by heart after it is not in them.
    private static func trainSkill(_ history: History) -> Double? {
        let measured = history.epochs.filter { $0.validation?.loss.isFinite ?? false }
        let kept = measured.min { ($0.validation?.loss ?? .nan) < ($1.validation?.loss ?? .nan) }
        return kept.map(\.train).map(history.skill) ?? history.trainSkill
    }
}

extension NormalizationProbe {
    fileprivate var evidence: [Finding.Evidence] {
        [.init("meanShift", meanShift), .init("deviationRatio", deviationRatio)]
    }
}
