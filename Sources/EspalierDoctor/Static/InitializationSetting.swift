import EspalierNN
import EspalierTraining

/// The first weights let values or gradients fade, explode or saturate, and those that match the activations would not.
///
/// Both are expected from the configuration by `SignalPropagation`. Zhang et al. 2021, "AUTOTRAINER", call a gradient vanished
/// below 1e-3 of its size at the end. Measured here on stacks of sigmoids, two trainings each: at 7e-4 (5 layers) circles and
/// blobs stay at chance and digits lose three points of accuracy, at 2e-4 (6 layers) digits fall from 0.95 to 0.79, at 9e-6
/// (8 layers) to 0.47; at 3e-3 (4 layers) digits are learned, and blobs by one of two. Outputs a hundred times too large make
/// the first loss so much too large; and layers of which most units are saturated hardly learn.
enum InitializationSetting: Check {
    static let fading = 1e-3
    static let exploding = 100.0
    static let saturated = 0.5

    static func findings(in prepared: PreparedExperiment) -> [Finding] {
        let sketch = ModelSketch(prepared.model, sampleShape: prepared.data.train.sampleShape)
        let given = SignalPropagation(sketch), matched = SignalPropagation(sketch, matched: true)
        guard prepared.experiment.initialWeights == nil, let seen = fault(given), fault(matched) == nil else {
            return []
        }
        return [
            Finding(
                .poorInitialization, at: seen == .saturation ? given.saturatedPath : nil, .warning,
                evidence: [
                    .init("outputSize", given.output), .init("gradientRatio", given.gradient),
                    .init("saturatedShare", given.saturated), .init("matchedOutputSize", matched.output),
                    .init("matchedGradientRatio", matched.gradient), .init("layers", Double(given.depth)),
                ],
                explanation:
                    "Weights that keep the size of values have a variance of about 1 over the number of inputs, times what the "
                    + "activation takes away; then \(given.depth) layers do no harm. As they are drawn here, one can expect "
                    + "\(words(seen, given)) With initialisers that match the activations the gradient would keep "
                    + "\(matched.gradient.short) of its size, and outputs would have a size of \(matched.output.short).",
                remedies: [.init(MatchingInitialization()), .init(AddBatchNorm())])
        ]
    }

    enum Fault { case fading, exploding, saturation }

    static func fault(_ signal: SignalPropagation) -> Fault? {
        if !(signal.gradient <= exploding) || !(signal.output <= exploding) { return .exploding }
        if signal.gradient < fading { return .fading }
        return signal.saturated > saturated ? .saturation : nil
    }

    private static func words(_ fault: Fault, _ signal: SignalPropagation) -> String {
        switch fault {
        case .exploding:
            "outputs of a size of \(signal.output.short), and a gradient that grows to \(signal.gradient.short) of its size on "
                + "its way to the first layer."
        case .fading: "\(signal.gradient.short) of the gradient to arrive at the first layer."
        case .saturation:
            "\((100 * signal.saturated).brief)% of the units at \(signal.saturatedPath) to begin saturated, where their "
                + "activation is flat and lets no gradient through."
        }
    }
}
