import EspalierTraining

/// The loss falls, but far too slowly for the epochs there are.
///
/// It counts where the training loss has fallen by more than `LossNotDecreasing.share` and still falls all through the
/// second half of the epochs as fast as before, in a training that does poorly; and where it would, at the speed of its last
/// quarter, do well after `factor` times the epochs. Where that is not so the model is at its end: see `Underfitting`.
enum SlowConvergence: Check {
    static let factor = 4.0

    /// Whether the loss would come to what a training that is not poor has.
    private static func wouldArrive(_ history: History) -> Bool {
        guard let constant = history.baselines?.constantLoss, let last = history.lastLoss else { return true }
        let losses = history.epochs.map(\.train.loss), quarter = max(1, losses.count / 4)
        guard losses.count > quarter else { return true }
        let before = losses.dropLast(quarter).suffix(3).median ?? last
        let perEpoch = (before - last) / Double(quarter)
        return last - perEpoch * (factor - 1) * Double(losses.count) < constant * (1 - history.poorBelow)
    }

    static func findings(in history: History) -> [Finding] {
        guard history.isPoor, history.end != .diverged, let fall = history.fall, fall >= LossNotDecreasing.share,
            history.fallsStill, wouldArrive(history), let first = history.trainLosses.first, let last = history.lastLoss
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
