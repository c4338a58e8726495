import EspalierNN
import EspalierTraining

/// Units put out zero for every sample, and no gradient passes through them.
///
/// A unit is dead that was silent on every sample of several probes in a row: units that answer to few samples are not.
/// It counts where more than `share` of a layer's units are dead, in most of the last probes of a training that does
/// poorly; with fewer than `samples` samples a probe, where all of them are. Where a whole layer is, nothing that follows depends on the input any more.
///
/// Source of the share: Zhang et al. 2021, "AUTOTRAINER" (50 to 70%); Lu, Shin, Su and Karniadakis 2020, "Dying ReLU and
/// initialization: theory and numerical examples" (narrow and deep networks, of which one dead layer is the end).
enum DyingReLU: Check {
    static let share = 0.5
    static let samples = 16

    /// What puts out zero with slope zero over half of the line.
    private static let layers = Set(
        [ReLU.self, ReLU6.self, HardSigmoid.self, Thresholded.self].map { (type: any Activation.Type) in
            String(describing: type)
        })

    /// The dead share of a layer; nothing where its units cannot die.
    static func dead(_ layer: LayerProbe) -> Double? {
        layers.contains(String(layer.layer.prefix { $0 != "(" })) ? layer.dead ?? layer.silent : nil
    }

    static func findings(in history: History) -> [Finding] {
        guard history.isPoor, let last = history.probes.last, let start = history.start else { return [] }
        let share = start.batchSize < samples ? 0.999 : share
        let shares = last.layers.indices.compactMap { index -> (layer: LayerProbe, dead: Double)? in
            let dead = history.persistent(
                { $0.layers.indices.contains(index) ? Self.dead($0.layers[index]) : nil }, where: { $0 > share })
            return dead.map { (last.layers[index], $0) }
        }
        guard let worst = shares.max(by: { $0.dead < $1.dead }) else { return [] }
        let units = Int((worst.dead * Double(worst.layer.units)).rounded())
        return [
            Finding(
                .dyingReLU, at: worst.layer.path, step: last.step, .error,
                evidence: [
                    .init("dead", worst.dead), .init("threshold", share), .init("units", Double(worst.layer.units)),
                    .init("layers", Double(shares.count)), .init("layerGradient", worst.layer.gradient),
                ] + history.skillEvidence,
                explanation:
                    "In layer \(worst.layer.path), \(units) of \(worst.layer.units) units put out zero for every "
                    + "sample that was looked at, probe after probe. Where a unit puts out nothing, its slope is zero too: no "
                    + "gradient reaches its weights, and it never comes back."
                    + (worst.dead == 1
                        ? " As the whole layer is dead, what the network puts out no longer depends on its input."
                        : " It is usual that units answer to half of the samples; few should answer to none.")
                    + " \(history.failing)",
                remedies: [.init(ChangeLearningRate(factor: 0.1))])
        ]
    }
}
