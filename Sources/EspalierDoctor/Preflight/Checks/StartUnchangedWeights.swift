import EspalierTraining

/// A weight that is to be learned gets no gradient.
enum StartUnchangedWeights: Check {
    static func findings(in preflight: Preflight) -> [Finding] {
        guard let start = preflight.start, !preflight.trials.isEmpty else { return [] }
        let still = Set(start.probe.parameters.filter { $0.gradientNorm == 0 }.map(\.path))
        let unchanged = preflight.trials.reduce(still) { $0.intersection($1.unchanged) }.sorted()
        let weights = unchanged.filter { $0.hasSuffix("weight") }
        guard let first = weights.first ?? unchanged.first else { return [] }
        let count = start.probe.parameters.count
        return [
            Finding(
                .unchangedWeights, at: first, step: 0, weights.isEmpty ? .info : preflight.severity,
                evidence: [
                    .init("parameters", Double(unchanged.count)), .init("of", Double(count)), .init("gradientNorm", 0),
                ] + preflight.learningEvidence,
                explanation:
                    "The gradient of \(first) is exactly zero, and it is after \(preflight.trials[0].losses.count) steps "
                    + "what it was\(unchanged.count > 1 ? ", as are \(unchanged.count - 1) other parameters" : ""). Nothing "
                    + "that it does reaches the loss." + preflight.learningSentence)
        ]
    }
}
