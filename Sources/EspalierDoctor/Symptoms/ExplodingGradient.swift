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
        let steps = first.layers.count - 1
        func hasGrown(_ value: Double) -> Bool {
            value > ratio && pow(value, 1 / Double(max(1, steps))) > perLayer
        }
        let initial = first.gradientRatio.flatMap { hasGrown($0) ? $0 : nil }
        let isOverstepping = history.probes.contains { ($0.updateRatio ?? 0) > LearningRateTooHigh.ratio }
        let later = isOverstepping ? nil : history.persistent(\.gradientRatio, where: hasGrown)
        let growth = lossGrowth(history)
        guard initial ?? later ?? growth != nil else { return [] }
        let probe = history.probes.last { $0.gradientRatio.map(hasGrown) ?? false } ?? first
        let place = initial ?? later == nil ? nil : probe.layers.max { $0.gradient < $1.gradient }?.path
        var evidence: [Finding.Evidence] = [.init("threshold", ratio), .init("layers", Double(first.layers.count))]
        var seen: [String] = []
        if let value = initial ?? later {
            evidence.append(.init("ratio", value))
            seen.append(
                "The gradient at layer \(probe.layers.first?.path ?? "") is \(value.short) times the one at the last "
                    + "layer\(initial == nil ? "" : ", from the very first step on"); it should be of about the same size. "
                    + "Each layer multiplies it by its weights and by the slope of its activation, and that product grows."
            )
        }
        if let growth {
            evidence.append(.init("lossGrowth", growth))
            seen.append("The loss has grown to \(growth.short) times what it was in the first step; it should fall.")
        }
        return [
            Finding(
                .explodingGradient, at: place, step: probe.step, .error, evidence: evidence + history.skillEvidence,
                explanation: (seen + [history.failing]).joined(separator: " "),
                remedies: [
                    .init(ChangeLearningRate(factor: 0.1)), .init(ClipGradient()),
                ])
        ]
    }

    /// How many times its first value the loss is, where that is too many for the last epochs or, where none was
    /// completed, for the last recorded steps.
    private static func lossGrowth(_ history: History) -> Double? {
        guard let first = history.losses.first?.loss, first > 0 else { return nil }
        let last = history.lastLoss ?? history.losses.suffix(3).map(\.loss).median ?? .nan
        return last.isFinite && last > lossGrowth * first ? last / first : nil
    }
}
