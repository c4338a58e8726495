import EspalierNN
import EspalierTraining

/// Penalties or dropout outweigh what the data says.
///
/// A penalty outweighs where its pull on the weights is more than `share` of the data's gradient in most of the last probes
/// and the weights have lost more than `shrinkage` of their norm, or began so; dropout where the loss in training is more
/// than `excess` times that of the same weights in inference. Both count in a training that does poorly.
///
/// Sources: Goodfellow, Bengio and Courville 2016, "Deep learning", section 7.1 (at the optimum both gradients balance: in a
/// training that does well the data's is small too); the numbers are this project's.
enum ExcessiveRegularization: Check {
    static let share = 0.5
    static let excess = 1.3

    static func findings(in history: History) -> [Finding] {
        guard history.isPoor, history.end != .diverged, let start = history.start else { return [] }
        if let pull = history.persistent({ pull($0, start) }, where: { $0 > share }) {
            return [penalty(pull, history, start)]
        }
        guard start.layers.contains(where: { $0.layer.contains("Dropout") }), let train = history.lastLoss,
            let held = history.epochs.suffix(3).compactMap(\.validation?.loss).median ?? history.final?.train?.loss,
            held > 0, train > excess * held
        else { return [] }
        return [dropout(train, held, history)]
    }

    /// The penalties' gradient over the data's, of all weights together.
    private static func pull(_ probe: Probe, _ start: History.Start) -> Double? {
        let weights = probe.parameters.filter { !$0.path.hasSuffix("bias") }
        let gradient = weights.reduce(0) { $0 + $1.gradientNorm * $1.gradientNorm }.squareRoot()
        let norm = weights.reduce(0) { $0 + $1.weightNorm * $1.weightNorm }.squareRoot()
        let change = weights.reduce(0) { $0 + $1.updateNorm * $1.updateNorm }.squareRoot()
        guard start.penalty.l2 + start.penalty.weightDecay + start.penalty.l1.strength > 0, gradient.isFinite else {
            return nil
        }
        // The norm of as many signs as there are parameters.
        let signs = Double(start.layers.reduce(0) { $0 + $1.parameters }).squareRoot()
        // Decay acts on the weights themselves, and so weighs against the change of a step.
        let decay = change > 0 ? start.penalty.weightDecay * start.learningRate * norm / change : 0
        let coupled = start.penalty.l2 * norm + start.penalty.l1.strength * signs
        return max(decay, gradient > 0 ? coupled / gradient : coupled > 0 ? .infinity : 0)
    }

    private static func penalty(_ pull: Double, _ history: History, _ start: History.Start) -> Finding {
        let norms = [history.probes.first, history.probes.last].map { probe in
            (probe?.parameters ?? []).reduce(0) { $0 + $1.weightNorm * $1.weightNorm }.squareRoot()
        }
        return Finding(
            .excessiveRegularization, step: history.probes.last?.step, .error,
            evidence: [
                .init("penaltyToData", pull), .init("threshold", share), .init("l2", start.penalty.l2),
                .init("l1", start.penalty.l1.strength), .init("weightDecay", start.penalty.weightDecay),
                .init("firstWeightNorm", norms[0]), .init("lastWeightNorm", norms[1]),
            ] + history.skillEvidence,
            explanation:
                "The penalties pull at the weights with \(pull.short) times the force of the data's gradient, and nothing "
                + "but small weights is learned: their norm went from \(norms[0].short) to \(norms[1].short). In a training that "
                + "does poorly the data should outweigh by far. \(history.failing)",
            remedies: [])
    }

    private static func dropout(_ train: Double, _ held: Double, _ history: History) -> Finding {
        Finding(
            .excessiveRegularization, step: history.probes.last?.step, .error,
            evidence: [.init("trainLoss", train), .init("inferenceLoss", held), .init("threshold", excess)]
                + history.skillEvidence,
            explanation:
                "With dropout the loss is \(train.short), without it \(held.short): what is dropped leaves the network too "
                + "little to work with. \(history.failing)",
            remedies: [])
    }
}
