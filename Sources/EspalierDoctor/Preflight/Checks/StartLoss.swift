import EspalierTraining

/// The first loss is far above that of an answer that is always the same.
///
/// First weights know nothing, so that their loss is best about that of a constant answer, ln K for K classes. Source:
/// Karpathy 2019, "A recipe for training neural networks", "verify loss at init"; ten times is the project's.
enum StartLoss: Check {
    static let factor = 10.0

    static func findings(in preflight: Preflight) -> [Finding] {
        guard let start = preflight.start, let constant = start.constantLoss, constant > 0,
            start.loss > factor * constant
        else { return [] }
        return [
            Finding(
                .poorInitialization, step: 0, preflight.severity,
                evidence: [.init("loss", start.loss), .init("constantLoss", constant)] + preflight.learningEvidence,
                explanation:
                    "With the first weights the loss is \(start.loss.short); to answer always the same would have "
                    + "\(constant.short), and it should be about that. Outputs that are this large come from inputs, or "
                    + "first weights, that are." + preflight.learningSentence)
        ]
    }
}
