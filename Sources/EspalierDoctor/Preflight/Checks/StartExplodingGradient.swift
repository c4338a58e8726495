import EspalierTraining

/// The gradient grows on its way to the first layers before the first step.
///
/// Source of the ratio: Zhang et al. 2021, "AUTOTRAINER", whose rule is norm(first) / norm(last) > 70.
enum StartExplodingGradient: Check {
    static let ratio = 70.0

    static func findings(in preflight: Preflight) -> [Finding] {
        if let start = preflight.start, let layer = start.overflow { return [overflow(at: layer, start)] }
        guard let start = preflight.start, start.fault == nil, let found = start.gradientRatio, found > ratio,
            let first = start.hidden.first
        else { return [] }
        return [
            Finding(
                .explodingGradient, at: first.path, step: 0, preflight.severity,
                evidence: [
                    .init("ratio", found), .init("threshold", ratio),
                    .init("layers", Double(start.hidden.count)),
                ] + preflight.learningEvidence,
                explanation:
                    "With the first weights, the gradient at layer \(first.path) is \(found.short) times that at "
                    + "the last hidden "
                    + "one; it should be of about the same size. Each layer multiplies it by its weights and by the slope "
                    + "of its activation, and over \(start.hidden.count) layers that product grows: steps that suit "
                    + "the last layers are far too large for the first." + preflight.learningSentence)
        ]
    }

    /// Outputs that grow beyond all numbers on their way forward; so do gradients on theirs back.
    private static func overflow(at layer: LayerProbe, _ start: Preflight.Start) -> Finding {
        let first = start.probe.layers[0]
        return Finding(
            .explodingGradient, at: layer.path, step: 0, .error,
            evidence: [
                .init("deviation", layer.unitDeviation), .init("firstDeviation", first.unitDeviation),
                .init("layers", Double(start.probe.layers.count)),
            ],
            explanation:
                "With the first weights, what the units of layer \(first.path) put out varies by "
                + "\(first.unitDeviation.short), and in layer \(layer.path) it is beyond all numbers: each layer makes it "
                + "larger, and the gradient on its way back as well. The spread should be about the same in all layers."
        )
    }
}
