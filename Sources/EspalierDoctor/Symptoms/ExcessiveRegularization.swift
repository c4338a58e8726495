import EspalierNN
import EspalierTraining

/// Penalties or dropout outweigh what the data says.
///
/// A penalty outweighs where its pull on the weights is more than `share` of the data's gradient in most of the last probes;
/// dropout where all dropouts together leave less than `survival`
/// of the ways through the network open, or the loss in training is more than `excess` times that in inference, and nothing
/// else in the network says why it fails. Both count in a training that does poorly.
///
/// Sources: Goodfellow, Bengio and Courville 2016, "Deep learning", section 7.1 (at the optimum both gradients balance: in a
/// training that does well the data's is small too); the numbers are this project's.
enum ExcessiveRegularization: Check {
    static let share = 0.2
    static let excess = 1.3
    static let survival = 0.3

    static func findings(in history: History) -> [Finding] {
        guard history.isPoor, history.end != .diverged, let start = history.start else { return [] }
        if let pull = history.persistent({ pull($0, start) }, where: { $0 > share }) {
            return [penalty(pull, history, start)]
        }
        return dropout(history, start).map { [$0] } ?? []
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

    /// What says that a network does poorly for dropout, where nothing in the network says why else.
    private static func dropout(_ history: History, _ start: History.Start) -> Finding? {
        let shares = start.layers.compactMap { dropped($0.layer) }
        guard !shares.isEmpty, otherCauses.allSatisfy({ (try? $0.findings(in: history).isEmpty) ?? true }) else {
            return nil
        }
        let survival = shares.reduce(1) { $0 * (1 - $1) }
        let train = history.lastLoss ?? .nan
        let held = history.epochs.suffix(3).compactMap(\.validation?.loss).median ?? history.final?.train?.loss ?? .nan
        guard survival <= Self.survival || (held > 0 && train > excess * held) else { return nil }
        return Finding(
            .excessiveRegularization, step: history.epochs.last?.step, .error,
            evidence: [
                .init("dropouts", Double(shares.count)), .init("survival", survival),
                .init("threshold", Self.survival), .init("trainLoss", train), .init("inferenceLoss", held),
            ] + history.skillEvidence,
            explanation:
                "The \(shares.count == 1 ? "dropout leaves" : "\(shares.count) dropouts leave") \(survival.percent) of the "
                + "ways through the network open in a step. With dropout the training loss is \(train.short), without it the "
                + "loss is \(held.short): what is left is too little to learn with. \(history.failing)",
            remedies: [])
    }

    /// The share that a layer drops; nothing where it drops none.
    private static func dropped(_ layer: String) -> Double? {
        guard layer.contains("Dropout"), let place = layer.range(of: "p: ") else { return nil }
        return Double(layer[place.upperBound...].prefix { $0.isNumber || $0 == "." })
    }

    private static var otherCauses: [any Check<History>.Type] {
        [
            VanishingGradient.self, ExplodingGradient.self, DyingReLU.self, SaturatedActivation.self,
            LearningRateTooHigh.self,
        ]
    }
}
