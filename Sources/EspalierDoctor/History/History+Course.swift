import EspalierTraining

/// What several symptoms ask of a training's course.
extension History {
    /// A symptom has to show in most of so many last probes.
    static let window = 5

    /// The last probes; nothing before there are enough to tell what persists: three, or all that a training that has
    /// ended has.
    var lastProbes: [Probe]? {
        let last = Array(probes.suffix(Self.window))
        return last.count >= 3 || (end != nil && !last.isEmpty) ? last : nil
    }

    /// What a measure of the last probes typically is, where it fulfils a condition in most of them.
    func persistent(_ measure: (Probe) -> Double?, where holds: (Double) -> Bool) -> Double? {
        guard let last = lastProbes else { return nil }
        let values = last.compactMap(measure).filter(holds)
        return values.count * 2 > last.count ? values.median : nil
    }

    /// The training losses of the epochs, the loss of the very first step before them where it is known.
    var trainLosses: [Double] {
        let first = losses.first ?? probes.first.map { StepLoss(step: $0.step, loss: $0.loss) }
        return (first.map { [$0.loss] } ?? []) + epochs.map(\.train.loss)
    }

    /// The loss of the last epochs: the median of up to three.
    var lastLoss: Double? { epochs.suffix(3).map(\.train.loss).median }

    /// By what share of itself the training loss has fallen since its first epoch, or the first step.
    var fall: Double? {
        guard let first = trainLosses.first, let last = lastLoss, first.isFinite, last.isFinite, first != 0 else {
            return nil
        }
        return (first - last) / abs(first)
    }

    /// Whether the training loss still fell all through the second half of the epochs: the median of each quarter of that
    /// half lies below the one before, the fall from quarter to quarter does not fade, and it comes to a hundredth of the first
    /// loss.
    var fallsStill: Bool {
        let half = Array(epochs.suffix(epochs.count / 2)).map(\.train.loss)
        guard half.count >= 4 else { return false }
        let medians = (0..<4).compactMap { half[half.count * $0 / 4..<half.count * ($0 + 1) / 4].median }
        let falls = zip(medians, medians.dropFirst()).map { $0 - $1 }
        guard falls.count == 3, falls.allSatisfy({ $0 > 0 }), let first = trainLosses.first else { return false }
        return falls[2] > falls[0] / 4 && falls.reduce(0, +) > 0.01 * abs(first)
    }
}

extension Probe {
    /// Of each weight, biases left out: the norm of the step's change over its own.
    var updateRatios: [(path: String, ratio: Double)] {
        parameters.compactMap { parameter in
            guard parameter.weightNorm > 0, !parameter.path.hasSuffix("bias") else { return nil }
            return (parameter.path, parameter.updateNorm / parameter.weightNorm)
        }
    }

    /// The same of all weights together.
    var updateRatio: Double? {
        let weights = parameters.filter { !$0.path.hasSuffix("bias") }
        let norm = weights.reduce(0) { $0 + $1.weightNorm * $1.weightNorm }.squareRoot()
        guard norm > 0 else { return nil }
        return weights.reduce(0) { $0 + $1.updateNorm * $1.updateNorm }.squareRoot() / norm
    }

    /// The root mean square of the loss's derivative by the first probed layer's outputs, over that by the last one's.
    var gradientRatio: Double? {
        guard layers.count > 2, let first = layers.first, let last = layers.last, last.gradient > 0,
            first.gradient.isFinite, last.gradient.isFinite
        else { return nil }
        return first.gradient / last.gradient
    }
}

extension Collection<Double> {
    /// The middle one, the upper of two; nothing of none.
    var median: Double? { isEmpty ? nil : sorted()[count / 2] }
}
