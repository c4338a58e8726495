import EspalierTraining

/// Most units of a layer put out zero for every sample before the first step.
///
/// Source of the share: Zhang et al. 2021, "AUTOTRAINER", who call a layer dying from 50% to 70% of units on; as half of
/// all units may be silent for a batch by chance, the larger one is taken.
enum StartDyingReLU: Check {
    static let share = 0.7

    static func findings(in preflight: Preflight) -> [Finding] {
        guard let start = preflight.start, let layer = preflight.silentLayer, let silent = layer.silent else {
            return []
        }
        return [
            Finding(
                .dyingReLU, at: layer.path, step: 0, preflight.severity,
                evidence: [.init("silent", silent), .init("threshold", share), .init("units", Double(layer.units))]
                    + preflight.learningEvidence,
                explanation:
                    "With the first weights, \(Int((silent * 100).rounded()))% of the units of layer \(layer.path) put out "
                    + "zero for every sample of a batch, and no gradient passes through them; at most half of them should, "
                    + "and for some of the samples only. Of \(start.probe.layers.count) layers this is the first."
                    + preflight.learningSentence)
        ]
    }
}

extension Preflight {
    /// The first layer in which most units are silent: flat below, for all samples.
    var silentLayer: LayerProbe? {
        start?.probe.layers.first {
            ($0.silent ?? 0) > StartDyingReLU.share && $0.deviation == 0 || ($0.silent ?? 0) > 0.9
        }
    }
}
