import EspalierTraining
import Foundation

/// The gradient grows on its way from the loss to the first layers, or runs away with the loss.
///
/// It grows where the first probed layer's gradient is more than `ratio` times the last one's and each layer multiplies it
/// by more than `perLayer`: from the first probe on, or in most of the last ones. It runs away where the loss is more than
/// `lossGrowth` times that of the first step. Steps that are too large for the weights make gradients grow too, later: that
/// is `learningRateTooHigh`, and is left to it.
///
/// Sources: Zhang et al. 2021, "AUTOTRAINER" (ratio); growth per layer: Philipp, Song and Carbonell 2017, "The exploding
/// gradient problem demystified", for whom growth is exponential in depth; the growth of the loss is this project's.
enum ExplodingGradient: Check {
    static let ratio = 70.0
    static let perLayer = 1.5
    static let lossGrowth = 1e3

    static func findings(in history: History) -> [Finding] {
        guard history.isPoor, let first = history.probes.first else { return [] }
        let initial = initialGrowth(history)
        let isOverstepping = history.probes.contains { ($0.updateRatio ?? 0) > LearningRateTooHigh.ratio }
        let later = isOverstepping ? nil : history.persistent(\.gradientRatio, where: { hasGrown($0, in: first) })
        let loss = lossGrowth(history)
        guard initial ?? later ?? loss != nil else { return [] }
        let probe = initial == nil ? history.probes.last ?? first : first
        var evidence: [Finding.Evidence] = [.init("threshold", ratio), .init("layers", Double(first.layers.count))]
        var seen: [String] = []
        if let growth = initial ?? later {
            if growth.isFinite { evidence.append(.init("ratio", growth)) }
            let size = growth.isFinite ? "is \(growth.short) times the one at the last layer" : "is beyond all numbers"
            seen.append(
                "The gradient at layer \(probe.layers.first?.path ?? "") \(size)"
                    + "\(initial == nil ? "" : ", from the very first step on"); it should be of about the same size as at the "
                    + "last layer. Each layer multiplies it by its weights and by the slope of its activation, and that "
                    + "product grows.")
        }
        if let loss {
            evidence.append(.init("lossGrowth", loss))
            seen.append("The loss has grown to \(loss.short) times what it was in the first step; it should fall.")
        }
        return [
            Finding(
                .explodingGradient, at: initial ?? later == nil ? nil : probe.layers.first?.path, step: probe.step,
                .error,
                evidence: evidence + history.skillEvidence,
                explanation: (seen + [history.failing]).joined(separator: " "),
                remedies: [.init(ChangeLearningRate(factor: 0.1)), .init(ClipGradient())])
        ]
    }

    private static func hasGrown(_ value: Double, in probe: Probe) -> Bool {
        value > ratio && pow(value, 1 / Double(max(1, probe.layers.count - 1))) > perLayer
    }

    /// How many times the last layer's gradient the first one's was in the very first step, where that is too many;
    /// infinite where outputs or gradients were beyond all numbers then.
    static func initialGrowth(_ history: History) -> Double? {
        guard let first = history.probes.first, first.layers.count > 2 else { return nil }
        let isFinite = first.layers.allSatisfy { $0.deviation.isFinite && $0.gradient.isFinite }
        if !isFinite, history.nonFinite.contains(where: { $0.step <= first.step }) { return .infinity }
        return first.gradientRatio.flatMap { hasGrown($0, in: first) ? $0 : nil }
    }

    /// How many times its first value the loss is, where that is too many for the last epochs or, where none was
    /// completed, for the last recorded steps.
    private static func lossGrowth(_ history: History) -> Double? {
        guard let first = history.losses.first?.loss, first > 0 else { return nil }
        let last = history.lastLoss ?? history.losses.suffix(3).map(\.loss).median ?? .nan
        return last.isFinite && last > lossGrowth * first ? last / first : nil
    }
}
