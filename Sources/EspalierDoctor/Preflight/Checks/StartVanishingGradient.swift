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
            preflight.finding(
                .vanishingGradient, at: first, start, ratio: found, threshold: ratio, consequence: "fades.")
        ]
    }
}
