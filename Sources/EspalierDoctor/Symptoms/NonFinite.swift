import EspalierTraining

/// A number became infinite, or no number at all.
///
/// The trainer's guard names the layer and the operation; here it becomes a finding, from the first such step on.
enum NonFinite: Check {
    static func findings(in history: History) -> [Finding] {
        guard let first = history.nonFinite.first else { return [] }
        return [
            Finding(
                .nonFinite, step: first.step, .error,
                evidence: [.init("step", Double(first.step)), .init("steps", Double(history.nonFinite.count))],
                explanation:
                    "In step \(first.step), \(first.cause). Every number of a training must be finite: from one that "
                    + "is not, all parameters become so in a single step, and nothing is left to learn.",
                remedies: [.init(ChangeLearningRate(factor: 0.1))])
        ]
    }
}
