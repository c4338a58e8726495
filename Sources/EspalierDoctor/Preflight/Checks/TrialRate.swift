import EspalierTraining

/// Steps as planned spoil what smaller ones learn.
enum TrialRateTooHigh: Check {
    static func findings(in preflight: Preflight) -> [Finding] {
        guard let planned = preflight.trials.first, !planned.learns, let learned = preflight.learned,
            learned.rate < planned.rate, let first = planned.losses.first, let last = planned.losses.last,
            planned.explodes || !(planned.loss < first)
        else { return [] }
        let factor = learned.rate / planned.rate
        return [
            Finding(
                .learningRateTooHigh, step: 0, .warning,
                evidence: [
                    .init("learningRate", planned.rate), .init("works", learned.rate), .init("firstLoss", first),
                    .init("lossAfter", planned.explodes ? last : planned.loss), .init("lossAtLowerRate", learned.loss),
                    .init("steps", Double(planned.losses.count)),
                ],
                explanation:
                    "On \(planned.samples) samples, \(planned.losses.count) steps with the planned rate of "
                    + "\(planned.rate.short) bring the loss from \(first.short) to "
                    + "\((planned.explodes ? last : planned.loss).short); with \(learned.rate.short) it falls to "
                    + "\(learned.loss.short). Steps that are too large overshoot: they change the weights by more than the "
                    + "gradient knows of.",
                remedies: [.init(ChangeLearningRate(factor: factor))])
        ]
    }
}

/// The planned steps together do not lead as far as is needed to learn even a few samples.
enum TrialRateTooLow: Check {
    /// The share of the way that few samples need, below which all planned steps together are too short. All samples need
    /// more than a few do.
    static let share = 0.5

    static func findings(in preflight: Preflight) -> [Finding] {
        guard let planned = preflight.trials.first, !planned.learns, let learned = preflight.learned,
            learned.rate > planned.rate, preflight.totalRate < share * learned.halfway, let first = planned.losses.first
        else { return [] }
        return [
            Finding(
                .learningRateTooLow, step: 0, .warning,
                evidence: [
                    .init("learningRate", planned.rate), .init("works", learned.rate),
                    .init("plannedWay", preflight.totalRate), .init("neededWay", learned.halfway),
                    .init("firstLoss", first), .init("lossAfter", planned.loss),
                    .init("lossAtHigherRate", learned.loss),
                ],
                explanation:
                    "On \(planned.samples) samples, \(planned.losses.count) steps with the planned rate of "
                    + "\(planned.rate.short) bring the loss from \(first.short) to \(planned.loss.short), and with "
                    + "\(learned.rate.short) to \(learned.loss.short). The rates of all \(preflight.steps) planned steps "
                    + "add up to \(preflight.totalRate.short); half of that fall took \(learned.halfway.short). Steps that "
                    + "are too small do not get there in the epochs there are.",
                remedies: [.init(ChangeLearningRate(factor: learned.rate / planned.rate))])
        ]
    }
}
