import EspalierTraining
import Foundation

/// The gradient fades on its way from the loss to the first layers.
///
/// In a probe it has vanished where the root mean square of the loss's derivative by the first probed layer's outputs is
/// less than `ratio` of that by the last one's. It counts once that was so in most of the last probes, in a training that
/// does poorly.
///
/// Source of the ratio: Zhang et al. 2021, "AUTOTRAINER", whose rule is norm(first) / norm(last) < 1e-3.
enum VanishingGradient: Check {
    static let ratio = 1e-3

    static func findings(in history: History) -> [Finding] {
        guard history.isPoor, let probe = history.probes.last, let first = probe.layers.first,
            let typical = history.persistent(\.gradientRatio, where: { $0 < ratio })
        else { return [] }
        let perLayer = typical > 0 ? pow(typical, 1 / Double(max(1, probe.layers.count - 1))) : 0
        return [
            Finding(
                .vanishingGradient, at: first.path, step: probe.step, .error,
                evidence: [
                    .init("ratio", typical), .init("threshold", ratio), .init("layers", Double(probe.layers.count)),
                    .init("perLayer", perLayer), .init("firstGradient", first.gradient),
                    .init("lastGradient", probe.layers.last?.gradient ?? .nan),
                ] + history.skillEvidence,
                explanation:
                    "The gradient that reaches layer \(first.path) is \(typical.short) of the one at the last layer; "
                    + "it should be of about the same size. Each layer multiplies it by its weights and by the slope of its "
                    + "activation, here by \(perLayer.short) a layer, and over \(probe.layers.count) layers that product "
                    + "fades: the first layers do not learn. \(history.failing)",
                remedies: [])
        ]
    }
}
