import EspalierTraining
import Foundation

/// The loss jumps up and down instead of falling.
///
/// Of the second half of the epochs, an epoch swings where the skill lies lower (or higher) than in both neighbours, by at
/// least `swing`, and by more than `deviations` standard deviations of what so many samples say of a share. It counts where at
/// least `share` of the epochs swing, of the training samples and, where some are held out, of these too; and where as many
/// of the last epochs do poorly by themselves.
///
/// Source: Zhang et al. 2021, "AUTOTRAINER", for swings of at least .03 in at least 20% of the epochs; that they are to be
/// larger than sampling noise, and seen in both parts, is this project's.
enum UnstableLoss: Check {
    static let swing = 0.03
    static let share = 0.2
    static let deviations = 2.0

    static func findings(in history: History) -> [Finding] {
        guard let start = history.start, history.epochs.count >= 10, history.epochs.count * 2 >= start.epochs else {
            return []
        }
        let train = swings(history, \.train, samples: start.trainingSamples)
        let held = swings(history, \.validation, samples: start.validationSamples)
        guard let train, train.share >= share, held.map({ $0.share >= share }) ?? true, doesPoorlyAtTimes(history)
        else { return [] }
        let variation = history.epochs.suffix(max(10, history.epochs.count / 2)).compactMap(\.lossVariation).median
        return [
            Finding(
                .unstableLoss, step: history.epochs.last?.step, history.isPoor ? .error : .warning,
                evidence: [
                    .init("swinging", held?.share ?? train.share), .init("swing", held?.size ?? train.size),
                    .init("threshold", share), .init("noise", held?.noise ?? train.noise),
                    .init("batchSize", Double(start.batchSize)), .init("learningRate", start.learningRate),
                ] + (variation.map { [.init("lossVariation", $0)] } ?? []) + history.skillEvidence,
                explanation:
                    "In \((held?.share ?? train.share).percent) of the last epochs the model was better or worse than in "
                    + "the epochs before and after by \((held?.size ?? train.size).short) of the way from constant to "
                    + "perfect, where chance explains \((held?.noise ?? train.noise).short). A training settles; this one jumps, "
                    + "as its steps are too large or each follows from too few samples: here \(start.batchSize) at the "
                    + "learning rate \(start.learningRate.short).",
                remedies: remedies(start))
        ]
    }

    /// Whether enough of the last epochs are poor; true where nothing tells that.
    private static func doesPoorlyAtTimes(_ history: History) -> Bool {
        let last = history.epochs.suffix(max(10, history.epochs.count / 2))
        let skills = last.compactMap { history.skill($0.validation ?? $0.train) }
        return skills.isEmpty || Double(skills.count { $0 < history.poorBelow }) >= share * Double(skills.count)
    }

    private static func remedies(_ start: History.Start) -> [Finding.Proposal] {
        let larger = [32, 128].filter { $0 >= 2 * start.batchSize && $0 * 4 <= max(start.trainingSamples, 128) }
        return larger.map { .init(ChangeBatchSize(size: $0)) } + [
            .init(ChangeLearningRate(factor: 0.1)), .init(ChangeOptimizer()), .init(DecaySchedule()),
        ]
    }

    /// How many of the last epochs swing, and typically by how much.
    private static func swings(_ history: History, _ part: (EpochRecord) -> Scores?, samples: Int) -> (
        share: Double, size: Double, noise: Double
    )? {
        let values = history.epochs.suffix(max(10, history.epochs.count / 2)).compactMap {
            part($0).flatMap(history.steadiness)
        }
        guard values.count >= 10, samples > 0, let typical = values.median else { return nil }
        let spread = (max(0.01, typical * (1 - typical)) / Double(samples)).squareRoot()
        let noise = deviations * spread
        let sizes = (1..<values.count - 1).compactMap { index -> Double? in
            let (before, after) = (values[index] - values[index - 1], values[index] - values[index + 1])
            return before * after > 0 ? min(abs(before), abs(after)) : nil
        }.filter { $0 >= max(swing, noise) }
        return (Double(sizes.count) / Double(values.count - 2), sizes.median ?? 0, noise)
    }
}

extension History {
    /// What is looked at for swings: the accuracy, or else the skill from -1 on.
    fileprivate func steadiness(_ scores: Scores) -> Double? { scores["accuracy"] ?? skill(scores).map { max(-1, $0) } }
}
