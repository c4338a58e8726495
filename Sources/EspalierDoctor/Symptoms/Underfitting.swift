import EspalierTraining

/// Not even the training samples are learned as well as a simple model does.
///
/// What is left to say of a training that does poorly where nothing else explains it.
enum Underfitting: Check {
    static func findings(in history: History) -> [Finding] {
        guard history.isPoor, history.end != .diverged, history.epochs.count >= 3 else { return [] }
        return [
            Finding(
                .underfitting, step: history.epochs.last?.step, .warning,
                evidence: history.skillEvidence + [.init("poorBelow", history.poorBelow)],
                explanation:
                    "\(history.failing) The model is too small, too constrained, or not trained for long enough.",
                remedies: [.init(TrainLonger()), .init(ChangeOptimizer()), .init(ChangeLearningRate(factor: 10))])
        ]
    }
}
