import EspalierTraining

/// Not even a few samples can be learned, at any rate.
///
/// Source: Karpathy 2019, "A recipe for training neural networks", who has one batch learned before all else.
enum CannotLearn: Check {
    static func findings(in preflight: Preflight) -> [Finding] {
        guard preflight.cannotLearn, let planned = preflight.trials.first, let first = planned.losses.first else {
            return []
        }
        let best = preflight.trials.filter { $0.loss.isFinite }.min { $0.loss < $1.loss } ?? planned
        return [
            Finding(
                .lossNotDecreasing, step: 0, .warning,
                evidence: preflight.learningEvidence + [.init("firstLoss", first)],
                explanation:
                    "Not even \(planned.samples) samples could be learned: of \(preflight.trials.count) learning "
                    + "rates from \((preflight.trials.map(\.rate).min() ?? 0).short) to "
                    + "\((preflight.trials.map(\.rate).max() ?? 0).short), each over \(Preflight.Trial.steps) steps, the "
                    + "best brought the loss from \(first.short) to \(best.loss.short), and to \(best.shuffledLoss.short) "
                    + "where each sample is given another one's target: the outputs hardly depend on the inputs. A model "
                    + "that can learn at all learns so few by heart.")
        ]
    }
}
