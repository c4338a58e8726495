import EspalierTraining

/// Steps are too small for the weights to get anywhere in the epochs there are.
///
/// It counts in a training that does poorly, where either no weight typically changes by more than `ratio` of itself in a
/// step; or the loss still falls as fast as before with steps below `usual`; or all steps together, were they all in one
/// direction, come to less than `travel` times the weights' norm.
///
/// Source of the ratio: as for `LearningRateTooHigh`; that of a usual step and the travel are this project's.
enum LearningRateTooLow: Check {
    static let ratio = 1e-4
    static let usual = 1e-3
    static let travel = 0.5

    static func findings(in history: History) -> [Finding] {
        guard history.isPoor, history.end != .diverged, history.nonFinite.isEmpty, let start = history.start,
            let typical = typicalRatio(history), typical < LearningRateTooHigh.ratio / 10
        else { return [] }
        let travelled = typical * Double(history.epochs.last?.step ?? 0)
        let isStill = history.fallsStill && typical < usual
        guard typical < ratio || isStill || travelled < travel else { return [] }
        return [
            Finding(
                .learningRateTooLow, step: history.probes.last?.step, .error,
                evidence: [
                    .init("updateRatio", typical), .init("threshold", ratio), .init("travel", travelled),
                    .init("learningRate", start.learningRate), .init("fall", history.fall ?? .nan),
                ] + history.skillEvidence,
                explanation:
                    "A step at the learning rate \(start.learningRate.short) changes even the weight that moves most by "
                    + "\(typical.short) of its size; about 0.001 is usual. In \(history.epochs.last?.step ?? 0) steps, all "
                    + "in one direction, it could have moved by \(travelled.short) times its size."
                    + (history.fallsStill ? " The loss was still falling at the end." : "") + " \(history.failing)",
                remedies: [
                    .init(ChangeLearningRate(factor: 10)), .init(ChangeLearningRate(factor: 100)),
                    .init(ChangeOptimizer()), .init(TrainLonger()),
                ])
        ]
    }

    /// Of the weight that moves most in a step, typically.
    private static func typicalRatio(_ history: History) -> Double? {
        history.probes.compactMap { $0.updateRatios.map(\.ratio).max() }.filter(\.isFinite).median
    }
}
