import EspalierTraining

/// The gradient fades on its way to the first layers before the first step.
///
/// Source of the ratio: Zhang et al. 2021, "AUTOTRAINER", whose rule is norm(first) / norm(last) < 1e-3. By itself it is a
/// fear: Adam makes steps of one size out of gradients of any.
enum StartVanishingGradient: Check {
    static let ratio = 1e-3

    static func findings(in preflight: Preflight) -> [Finding] {
        guard let start = preflight.start, let found = start.gradientRatio, found < ratio,
            let first = start.hidden.first
        else { return [] }
        return [
            Finding(
                .vanishingGradient, at: first.path, step: 0, preflight.severity,
                evidence: [
                    .init("ratio", found), .init("threshold", ratio),
                    .init("layers", Double(start.hidden.count)),
                ] + preflight.learningEvidence,
                explanation:
                    "With the first weights, the gradient at layer \(first.path) is \(found.short) times that at "
                    + "the last hidden "
                    + "one; it should be of about the same size. Each layer multiplies it by its weights and by the slope "
                    + "of its activation, and over \(start.hidden.count) layers that product fades."
                    + preflight.learningSentence)
        ]
    }
}
