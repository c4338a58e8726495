import EspalierTraining

/// The gradient fades on its way from the loss to the first layers.
///
/// In a probe it has vanished where the root mean square of the loss's derivative by the first probed layer's outputs is
/// less than `ratio` of that by the last one's. It counts once it was so in most of the last `window` probes, in a training
/// that does poorly.
///
/// Source of the ratio: Zhang et al. 2021, "AUTOTRAINER", whose rule is norm(first) / norm(last) < 1e-3.
enum VanishingGradient: Check {
    static let ratio = 1e-3
    static let window = 5

    static func findings(in history: History) -> [Finding] {
        let ratios = history.probes.suffix(window).compactMap { probe -> Double? in
            guard let first = probe.layers.first, let last = probe.layers.last, probe.layers.count > 2,
                last.gradient > 0
            else { return nil }
            return first.gradient / last.gradient
        }
        guard ratios.count == window, history.isPoor else { return [] }
        let low = ratios.filter { $0 < ratio }
        guard low.count * 2 > window, let probe = history.probes.last, let first = probe.layers.first else { return [] }
        let typical = low.sorted()[low.count / 2]
        return [
            Finding(
                .vanishingGradient, at: first.path, step: probe.step, .error,
                evidence: [
                    .init("ratio", typical), .init("threshold", ratio), .init("layers", Double(probe.layers.count)),
                    .init("firstGradient", first.gradient), .init("lastGradient", probe.layers.last?.gradient ?? .nan),
                ],
                explanation:
                    "The gradient that reaches layer \(first.path) is \(typical.short) of the one at the last layer; "
                    + "it should be of about the same size. Each layer multiplies it by its weights and by the slope of its "
                    + "activation, and over \(probe.layers.count) layers that product fades: the first layers do not learn.",
                remedies: [])
        ]
    }
}
