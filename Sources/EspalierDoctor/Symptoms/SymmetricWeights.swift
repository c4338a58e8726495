import EspalierTraining

/// Units of a layer begin with the same weights, and so stay the same.
///
/// In the first probe, units that are the same put out the same: then the spread of all outputs is that of each unit, to
/// within `tolerance`, which units of different means do not allow. Weights that are all zero are the same too. It counts in a
/// training that does poorly.
///
/// Source: Goodfellow, Bengio and Courville 2016, "Deep learning", section 8.4; the tolerance is that of sums in single
/// precision.
enum SymmetricWeights: Check {
    static let tolerance = 1e-4

    static func findings(in history: History) -> [Finding] {
        guard history.isPoor, let probe = history.probes.first else { return [] }
        let same = probe.layers.dropLast().filter { layer in
            layer.units > 1 && layer.deviation > 0
                && abs(layer.deviation - layer.unitDeviation) < tolerance * layer.deviation
        }
        // Of the first step: what is nearly zero afterwards has been zero.
        let zero = probe.parameters.filter { $0.weightNorm == 0 && !$0.path.hasSuffix("bias") }
        guard let place = same.first?.path ?? zero.first?.path else { return [] }
        return [
            Finding(
                .symmetricWeights, at: place, step: probe.step, .error,
                evidence: [.init("layers", Double(same.count)), .init("zeroWeights", Double(zero.count))]
                    + history.skillEvidence,
                explanation: (same.isEmpty
                    ? "The weights \(place) are all zero before the first step"
                    : "All units of layer \(place) put out the same before the first step")
                    + ": their weights are equal. Equal units have equal gradients and stay equal, so that the layer is worth "
                    + "a single unit. Weights have to be drawn. \(history.failing)",
                remedies: [])
        ]
    }
}
