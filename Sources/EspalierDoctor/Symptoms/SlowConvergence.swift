import EspalierTraining

/// The loss falls, but far too slowly for the epochs there are.
///
/// It counts where the training loss has fallen by more than `LossNotDecreasing.share` and still falls all through the
/// second half of the epochs as fast as before, in a training that does poorly.
enum SlowConvergence: Check {
    static func findings(in history: History) -> [Finding] {
        guard history.isPoor, history.end != .diverged, let fall = history.fall, fall >= LossNotDecreasing.share,
            history.fallsStill, let first = history.trainLosses.first, let last = history.lastLoss
        else { return [] }
        return [
            Finding(
                .slowConvergence, step: history.epochs.last?.step, .warning,
                evidence: [.init("firstLoss", first), .init("lastLoss", last), .init("fall", fall)]
                    + history.skillEvidence,
                explanation:
                    "The training loss fell from \(first.short) to \(last.short) in \(history.epochs.count) epochs and "
                    + "still fell at the end, as fast as before: the training ends long before it is done. \(history.failing)",
                remedies: [
                    .init(ChangeOptimizer()), .init(ChangeLearningRate(factor: 10)), .init(TrainLonger()),
                ])
        ]
    }
}
