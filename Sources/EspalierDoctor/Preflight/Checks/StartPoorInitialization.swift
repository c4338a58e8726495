import EspalierTraining

/// The first weights make what passes through the layers fade or grow.
///
/// What is looked at is how much a unit's output varies from sample to sample: that is what later layers have to learn
/// from. Source of the bounds: Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural
/// networks", who ask for one spread through all layers; a tenth and ten times are the project's.
enum StartPoorInitialization: Check {
    static let bounds = 0.1...10.0

    static func findings(in preflight: Preflight) -> [Finding] {
        guard let layers = preflight.start?.probe.layers, layers.count > 2, let first = layers.first,
            first.unitDeviation > 0, first.unitDeviation.isFinite
        else { return [] }
        let hidden = layers.dropLast()
        guard let worst = hidden.last else { return [] }
        let ratio = worst.unitDeviation / first.unitDeviation
        guard !bounds.contains(ratio) else { return [] }
        return [
            Finding(
                .poorInitialization, at: worst.path, step: 0, preflight.severity,
                evidence: [
                    .init("ratio", ratio), .init("firstDeviation", first.unitDeviation),
                    .init("deviation", worst.unitDeviation),
                ] + preflight.learningEvidence,
                explanation:
                    "With the first weights, what a unit of layer \(worst.path) puts out varies from sample to sample by "
                    + "\(worst.unitDeviation.short), \(ratio.short) times as much as in layer \(first.path); it should be "
                    + "from a tenth to ten times as much. The initialiser does not fit the activation, or the depth."
                    + preflight.learningSentence)
        ]
    }
}
