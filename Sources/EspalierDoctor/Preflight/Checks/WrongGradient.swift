import EspalierTraining

/// What the layers say the loss's derivative is, it is not.
enum WrongGradient: Check {
    static func findings(in preflight: Preflight) -> [Finding] {
        guard let wrong = preflight.gradientCheck?.wrong,
            let worst = wrong.max(by: { abs($0.quotient - 1) < abs($1.quotient - 1) })
        else { return [] }
        return [
            Finding(
                .wrongGradient, at: worst.path, step: 0, preflight.severity,
                evidence: [
                    .init("quotient", worst.quotient), .init("parameters", Double(wrong.count)),
                ] + preflight.learningEvidence,
                explanation:
                    "A small step of \(worst.path) along its gradient changes the loss \(worst.quotient.short) times as "
                    + "much as the gradient says; it should be once. A layer between it and the loss has a derivative that "
                    + "is not that of what it computes." + preflight.learningSentence)
        ]
    }
}
