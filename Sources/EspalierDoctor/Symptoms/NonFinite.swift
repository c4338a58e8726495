import EspalierTraining

/// A number became infinite, or no number at all.
///
/// The trainer's guard names the layer and the operation; here it becomes a finding, from the first such step on, with what
/// came before it. It is a failure where the training ended by it or where more than `share` of the epochs have such a step;
/// else it was dealt with. The share is this project's.
enum NonFinite: Check {
    static let share = 0.1
    /// What makes outputs smaller, whatever the steps.
    static let smaller: [Finding.Proposal] = [
        .init(ScaleInputs()), .init(ScaleTargets()), .init(MatchingInitialization()), .init(FixOutput()),
    ]

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
        let isGiven = first.source?.isGiven ?? false
        if isGiven, diverged { evidence.append(.init(Finding.given, 1)) }
        return [
            Finding(
                .nonFinite, at: first.location, step: first.step, diverged || isFrequent ? .error : .warning,
                evidence: evidence,
                explanation:
                    "In step \(first.step), \(first.cause). Every number of a training must be finite: from one that "
                    + "is not, all parameters become so in a single step, and nothing is left to learn."
                    + (first.source?.advice ?? "") + course,
                remedies: isGiven
                    ? []
                    : [.init(ChangeLearningRate(factor: 0.1)), .init(ClipGradient()), .init(AddWarmup())] + smaller)
        ]
    }
}

extension NonFiniteOrigin.Source {
    /// Whether it was there before anything was computed, so that no setting of the training helps.
    var isGiven: Bool {
        switch self {
        case .sample, .target, .parameter, .statistics: true
        case .layer, .loss, .gradient, .update: false
        }
    }

    /// What is to be done where no remedy does it.
    var advice: String {
        switch self {
        case .sample, .target: " No setting helps here: leave the row out, or put right what makes it."
        case .parameter, .statistics:
            " A step that would make it so is not taken: it came with the weights that the training began with, or was set "
                + "from outside. No setting helps here: look at where these weights come from."
        case .layer, .loss, .gradient, .update: ""
        }
    }
}

extension Finding {
    /// The name of the evidence that a number was not finite before anything was computed with it.
    static let given = "given"

    /// Whether what was found is a number that the training was given, so that nothing else is the cause of it.
    var isGiven: Bool { symptom == .nonFinite && evidence.contains { $0.name == Self.given } }
}
