import EspalierTraining

/// The first weights make activations shrink or grow from layer to layer.
///
/// In the first probe, the spread of the units over samples of every hidden layer should be between 1 / `factor` and
/// `factor` times the first one's. It counts in a training that does poorly.
///
/// Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks", and He et
/// al. 2015, "Delving deep into rectifiers", whose initialisers keep that spread; the factor is this project's.
enum PoorInitialization: Check {
    static let factor = 10.0

    static func findings(in history: History) -> [Finding] {
        guard history.isPoor, let probe = history.probes.first, probe.layers.count > 2, let first = probe.layers.first,
            first.unitDeviation > 0, first.unitDeviation.isFinite
        else { return [] }
        let hidden = probe.layers.dropFirst().dropLast()
        let outside = hidden.filter {
            let ratio = $0.unitDeviation / first.unitDeviation
            return !(1 / factor...factor).contains(ratio)
        }
        guard let worst = outside.last else { return [] }
        let ratio = worst.unitDeviation / first.unitDeviation
        return [
            Finding(
                .poorInitialization, at: worst.path, step: probe.step, .error,
                evidence: [
                    .init("ratio", ratio), .init("threshold", factor), .init("firstSpread", first.unitDeviation),
                    .init("spread", worst.unitDeviation), .init("layers", Double(outside.count)),
                ] + history.skillEvidence,
                explanation:
                    "Before anything was learned, the outputs of layer \(worst.path) vary \(ratio.short) times as much "
                    + "from sample to sample as those of layer \(first.path); they should vary by about as much. The first "
                    + "weights are too \(ratio < 1 ? "small" : "large") for the activations between them, so that what "
                    + "tells samples apart \(ratio < 1 ? "is lost" : "runs away") on its way. \(history.failing)",
                remedies: [])
        ]
    }
}
