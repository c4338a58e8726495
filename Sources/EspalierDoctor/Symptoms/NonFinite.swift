import EspalierTraining

/// A number became infinite, or no number at all.
///
/// The trainer's guard names the layer and the operation; here it becomes a finding, from the first such step on, with what
/// came before it. It is a failure where the training ended by it or where more than `share` of the epochs have such a step;
/// else it was dealt with. The share is this project's.
enum NonFinite: Check {
    static let share = 0.1

    static func findings(in history: History) -> [Finding] {
        guard let first = history.nonFinite.first else { return [] }
        let diverged = history.end == .diverged
        let isFrequent = Double(history.nonFinite.count) > share * Double(max(history.epochs.count, 1))
        let before = history.losses.filter { $0.step < first.step && $0.loss.isFinite }
        let ratio = history.probes.last { $0.step < first.step }?.updateRatio
        var evidence: [Finding.Evidence] = [
            .init("step", Double(first.step)), .init("steps", Double(history.nonFinite.count)),
        ]
        var course = ""
        if let start = before.first, let last = before.last, let highest = before.map(\.loss).max() {
            evidence += [
                .init("firstLoss", start.loss), .init("lastLoss", last.loss), .init("highestLoss", highest),
            ]
            course =
                " The loss was \(start.loss.short) in step \(start.step), \(highest.short) at its highest, and "
                + "\(last.loss.short) in step \(last.step), the last that is recorded before."
        }
        if let ratio, ratio.isFinite {
            evidence.append(.init("updateRatio", ratio))
            course += " A step had changed the weights by \(ratio.short) of their size; about 0.001 is usual."
        }
        return [
            Finding(
                .nonFinite, step: first.step, diverged || isFrequent ? .error : .warning, evidence: evidence,
                explanation:
                    "In step \(first.step), \(first.cause). Every number of a training must be finite: from one that "
                    + "is not, all parameters become so in a single step, and nothing is left to learn.\(course)",
                remedies: [
                    .init(ChangeLearningRate(factor: 0.1)), .init(ClipGradient()), .init(AddWarmup()),
                ])
        ]
    }
}
