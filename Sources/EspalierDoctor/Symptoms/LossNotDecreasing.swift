import EspalierTraining

/// The loss stays where it began.
///
/// It counts where the training loss has fallen by less than `share` from the first step to the last epochs, in a training
/// that does poorly.
///
/// Source of the share: Zhang et al. 2021, "AUTOTRAINER" ("slow convergence").
enum LossNotDecreasing: Check {
    static let share = 0.05

    static func findings(in history: History) -> [Finding] {
        guard history.isPoor, history.epochs.count >= 3, let fall = history.fall, fall < share,
            let first = history.trainLosses.first, let last = history.lastLoss
        else { return [] }
        return [
            Finding(
                .lossNotDecreasing, step: history.epochs.last?.step, .error,
                evidence: [
                    .init("firstLoss", first), .init("lastLoss", last), .init("fall", fall), .init("threshold", share),
                ] + history.skillEvidence,
                explanation:
                    "The training loss was \(first.short) in the first step and is \(last.short) after "
                    + "\(history.epochs.count) epochs: it has \(fall < 0 ? "risen" : "hardly fallen"). \(history.failing)",
                remedies: [
                    .init(ChangeOptimizer()), .init(ChangeLearningRate(factor: 10)),
                    .init(ChangeLearningRate(factor: 0.1)),
                ])
        ]
    }
}
