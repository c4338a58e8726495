import EspalierTraining

/// Steps overshoot: weights change by too large a share of themselves.
///
/// A step is too large where it changes the weights, all together, by more than `ratio` of their norm. It counts where some
/// early or most of the last probes show it, in a training that does poorly and whose loss is not falling any more; or where
/// the loss rose to `growth` times its first value before numbers stopped being finite; or where all units of a layer have
/// died that answered at first. A network whose first weights let gradients explode is left to `ExplodingGradient`.
///
/// Source of the ratio: a change by 1e-3 of a weight is usual, 1e-1 too much (Bottou's advice, as in "Stochastic gradient
/// descent tricks", 2012; SageMaker Debugger's and Cockpit's guides); the growth is this project's.
enum LearningRateTooHigh: Check {
    static let ratio = 0.1
    static let growth = 10.0
    /// Of a training that overshoots at once, the first probes tell.
    static let early = 3

    static func findings(in history: History) -> [Finding] {
        guard history.isPoor, let rate = history.start?.learningRate, !history.fallsStill,
            ExplodingGradient.initialGrowth(history) == nil
        else { return [] }
        let first = history.probes.prefix(early).compactMap(\.updateRatio).filter { $0 > ratio }.max()
        let last = history.persistent(\.updateRatio, where: { $0 > ratio })
        let blowUp = blowUp(history)
        let died = died(history)
        guard let value = last ?? first ?? blowUp ?? (died == nil ? nil : 0) else { return [] }
        var seen: String, evidence: [Finding.Evidence] = [.init("learningRate", rate)]
        if let size = last ?? first {
            evidence += [.init("updateRatio", size), .init("threshold", ratio)]
            seen =
                "A step at the learning rate \(rate.short) changes the weights by \(size.short) of their size; about 0.001 "
                + "is usual, and more than \(ratio.short) throws away what they were."
        } else if blowUp != nil {
            seen =
                "The loss rose to \(value.short) times what it was in the first step: steps at the learning rate "
                + "\(rate.short) overshoot further each time."
        } else {
            seen = "Steps at the learning rate \(rate.short) have thrown the weights where no sample reaches them."
        }
        if let died {
            evidence.append(.init("dead", 1))
            seen +=
                " All units of layer \(died) died on the way, which only steps that are too large do to units that "
                + "answered at first."
        }
        if let blowUp {
            evidence.append(.init("lossGrowth", blowUp))
            if last ?? first != nil { seen += " The loss rose to \(blowUp.short) times what it was in the first step." }
        }
        return [
            Finding(
                .learningRateTooHigh, step: history.probes.last?.step, .error,
                evidence: evidence + history.skillEvidence,
                explanation: "\(seen) \(history.failing)",
                remedies: [
                    .init(ChangeLearningRate(factor: 0.1)), .init(ChangeLearningRate(factor: 0.01)),
                    .init(AddWarmup()), .init(ClipGradient()), .init(ChangeOptimizer()),
                ])
        ]
    }

    /// The first layer whose units all died that answered at first.
    private static func died(_ history: History) -> String? {
        guard let first = history.probes.first, let last = history.probes.last, first.layers.count == last.layers.count
        else { return nil }
        return zip(first.layers, last.layers).first { before, after in
            DyingReLU.dead(after) == 1 && (DyingReLU.dead(before) ?? 1) <= DyingReLU.share + 0.1
                && before.unitDeviation > 0
        }?.1.path
    }

    /// How many times its first value the loss was before numbers stopped being finite.
    private static func blowUp(_ history: History) -> Double? {
        guard let stop = history.nonFinite.first?.step, let first = history.losses.first(where: { $0.loss.isFinite }),
            first.loss > 0
        else { return nil }
        let highest = history.losses.filter { $0.step < stop && $0.loss.isFinite }.map(\.loss).max() ?? 0
        return highest > growth * first.loss ? highest / first.loss : nil
    }
}
