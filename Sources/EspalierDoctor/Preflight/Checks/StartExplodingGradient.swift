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
            preflight.finding(
                .explodingGradient, at: first, start, ratio: found, threshold: ratio,
                consequence: "grows: steps that suit the last layers are far too large for the first.")
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
                + "\(first.unitDeviation.short), and in layer \(layer.path) by \(layer.unitDeviation.short): each layer makes it "
                + "larger, and the gradient on its way back as well, up to numbers that are not finite. The spread should be about the same in all layers."
        )
    }
}
