import EspalierNN
import EspalierTraining

/// So many layers of such activations let no gradient through, or make it explode, however the weights are drawn.
///
/// Expected from the configuration by `SignalPropagation`: a sigmoid's slope is 1/4 at most, so that each layer of them takes
/// three quarters of the gradient at least; an exponential's slope grows with its values, which grow with it. The bound is
/// that of Zhang et al. 2021, "AUTOTRAINER": a gradient below 1e-3 of its size at the end has vanished.
enum SignalThroughDepth: Check {
    static func findings(in prepared: PreparedExperiment) -> [Finding] {
        let sketch = ModelSketch(prepared.model, sampleShape: prepared.data.train.sampleShape)
        let given = SignalPropagation(sketch), matched = SignalPropagation(sketch, matched: true)
        switch (InitializationSetting.fault(given), InitializationSetting.fault(matched)) {
        case (.fading?, .fading?): return [finding(.vanishingGradient, sketch, given, matched)]
        case (.exploding?, .exploding?): return [finding(.explodingGradient, sketch, given, matched)]
        default: return []
        }
    }

    private static func finding(
        _ symptom: Symptom, _ sketch: ModelSketch, _ given: SignalPropagation, _ matched: SignalPropagation
    ) -> Finding {
        let first = sketch.parts.first { $0.weight != nil }
        let isVanishing = symptom == .vanishingGradient
        let bound = isVanishing ? InitializationSetting.fading : InitializationSetting.exploding
        return Finding(
            symptom, at: first?.path, .warning,
            evidence: [
                .init("ratio", given.gradient), .init("matchedRatio", matched.gradient), .init("threshold", bound),
                .init("layers", Double(given.depth)),
            ],
            explanation:
                "On its way back to the first layer the gradient is multiplied by the weights and by the slope of the "
                + "activation, layer by layer. Through the \(given.depth) layers here one can expect it to "
                + (isVanishing
                    ? "fade to \(given.gradient.short) of its size; below \(bound.short) the first layers do not learn. "
                    : "grow to \(given.gradient.short) of its size, and the outputs to \(given.output.short); they should stay "
                        + "about as large as they are. ")
                + "Other initial weights do not help: with those that match the activations it is \(matched.gradient.short). "
                + "It takes activations whose slope is about one, normalisation, shortcuts, or fewer layers.",
            remedies: [
                .init(ChangeActivation(to: isVanishing ? ReLUSpecification() : TanhSpecification())),
                .init(AddBatchNorm()), .init(AddResiduals()), .init(Shallower()),
            ])
    }
}
