import EspalierTraining

/// The loss of the first weights, or its gradient, is infinite or no number.
enum StartNonFinite: Check {
    static func findings(in preflight: Preflight) -> [Finding] {
        guard let start = preflight.start, let fault = start.fault else { return [] }
        let isGiven = start.origin?.source.isGiven ?? false
        return [
            Finding(
                .nonFinite, at: start.origin?.location, step: 0, .error,
                evidence: [.init("loss", start.loss), .init("gradientNorm", start.gradientNorm)]
                    + (isGiven ? [.init(Finding.given, 1)] : []),
                explanation:
                    "With the first weights, before any step, \(fault). Every number of a training must be finite: from "
                    + "one that is not, all parameters become so in a single step, so that this training cannot begin."
                    + (start.origin?.source.advice ?? ""),
                remedies: isGiven ? [] : NonFinite.smaller)
        ]
    }
}
