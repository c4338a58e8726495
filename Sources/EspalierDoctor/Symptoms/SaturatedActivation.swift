import EspalierTraining

/// Activations sit where they are flat, and let hardly any gradient through.
///
/// An output is saturated where the slope there is at most a twentieth of the steepest, see `Saturation`. It counts where
/// more than `share` of a hidden layer's outputs are, in most of the last probes of a training that does poorly. Units
/// that are zero over half of the line are left out: for them that is usual, see `DyingReLU`.
///
/// Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks"; the share
/// is that of the rules of DeepLocalize (2021) and AUTOTRAINER (2021).
enum SaturatedActivation: Check {
    static let share = 0.5

    static func findings(in history: History) -> [Finding] {
        guard history.isPoor, let last = history.probes.last else { return [] }
        let shares = last.layers.indices.dropLast().compactMap { index -> (layer: LayerProbe, saturated: Double)? in
            guard DyingReLU.dead(last.layers[index]) == nil else { return nil }
            let saturated = history.persistent(
                { $0.layers.indices.contains(index) ? $0.layers[index].saturated : nil }, where: { $0 > share })
            return saturated.map { (last.layers[index], $0) }
        }
        guard let worst = shares.max(by: { $0.saturated < $1.saturated }) else { return [] }
        return [
            Finding(
                .saturatedActivation, at: worst.layer.path, step: last.step, .error,
                evidence: [
                    .init("saturated", worst.saturated), .init("threshold", share),
                    .init("layers", Double(shares.count)), .init("layerGradient", worst.layer.gradient),
                ] + history.skillEvidence,
                explanation:
                    "In layer \(worst.layer.path), \(worst.saturated.percent) of the outputs lie where the activation is "
                    + "flat: its slope there is less than a twentieth of its steepest, and what is learned through it is "
                    + "learned that much more slowly. Few should lie there. The sums that go in are too large: the weights, "
                    + "the inputs or the steps are. \(history.failing)",
                remedies: [.init(ChangeLearningRate(factor: 0.1))])
        ]
    }
}
