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
                    + "\(planned.rate.brief) bring the loss from \(first.short) to "
                    + "\((planned.explodes ? last : planned.loss).short); with \(learned.rate.brief) it falls to "
                    + "\(learned.loss.short). Steps that are too large overshoot: they change the weights by more than the "
                    + "gradient knows of.",
                remedies: [.init(ChangeLearningRate(factor: factor))])
        ]
    }
}
