import EspalierSpec
import EspalierTraining
import Foundation

// The comparison that decides: before and after, whole, on the same seeds, which no trial had.
extension RepairSearch {
    /// Seeds that are added where the first leave it open.
    static let moreSeeds = 7

    /// Compares the best so far with the training as it was.
    ///
    /// - Returns: The repair; nothing where it does not hold. What then fails is what the next round looks at.
    mutating func test(_ say: (String) -> Void) throws -> RepairResult? {
        tests += 1
        tested.insert(best.experiment)
        guard var after = try outcomes(of: best.experiment, seeds.prefix(firstLook), in: folder.runsAfter) else {
            note(best, [], [], best.experiment.training.epochs, "cut off", say)
            try putAsideRuns()
            return nil
        }
        var verdict = judge(after, isLast: false)
        if case .open(let chance) = verdict {
            say("a gain of \(gain(after).short) may be chance, with probability \(chance.short): more seeds")
            if let more = try extendSeeds() {
                after += more
                verdict = judge(after, isLast: true)
            } else {
                verdict = .rejected("it may be chance, with probability \(chance.short)")
            }
        }
        let (values, compared) = (after.map(\.value), Array(seeds.prefix(after.count)))
        let epochs = best.experiment.training.epochs
        switch verdict {
        case .accepted(let chance):
            let reason =
                "\(runner.metric.name) gains \(gain(after).short) over \(compared.count) seeds; chance does as much with "
                + "probability \(chance.short)"
            note(best, values, compared, epochs, accepted: true, reason, say)
            return result(reason, best, after: values)
        case .open(let chance):
            note(best, values, compared, epochs, "it may be chance, with probability \(chance.short)", say)
        case .rejected(let reason): note(best, values, compared, epochs, reason, say)
        }
        try putAsideRuns()
        reference = values.mean
        let failing = after.filter { !$0.isWell }
        standing = failing.isEmpty ? after : failing
        return nil
    }

    private func judge(_ after: [RepairTrial.Outcome], isLast: Bool) -> Acceptance.Verdict {
        if let index = after.firstIndex(where: { $0.error != nil }), let finding = after[index].error {
            return .rejected("seed \(seeds[index]) still has \(finding.symptom.rawValue)")
        }
        return acceptance.verdict(
            before: before.prefix(after.count).map(\.value), after: after.map(\.value), test: tests, isLast: isLast)
    }

    private func gain(_ after: [RepairTrial.Outcome]) -> Double {
        after.map(\.value).mean - before.prefix(after.count).map(\.value).mean
    }

    /// Whole trainings, kept; nothing where one was cut off.
    private func outcomes(of experiment: Experiment, _ seeds: ArraySlice<Int>, in parent: String)
        throws -> [RepairTrial.Outcome]?
    {
        let outcomes = try runner.run(seeds.map { trial(experiment, seed: $0, in: parent) }).compactMap { try $0.get() }
        return outcomes.count == seeds.count ? outcomes : nil
    }

    /// Takes `moreSeeds` more into the comparison, of the training as it was and of the best.
    ///
    /// - Returns: What the best comes to on those; nothing where it was cut off.
    private mutating func extendSeeds() throws -> [RepairTrial.Outcome]? {
        let more = (0..<Self.moreSeeds).map { (seeds[0] &+ firstLook &+ $0) & .max }
        let open = before.count > firstLook ? [] : more
        let trials =
            open.map { trial(original, seed: $0, in: folder.runsBefore) }
            + more.map { trial(best.experiment, seed: $0, in: folder.runsAfter) }
        let outcomes = try runner.run(trials).compactMap { try $0.get() }
        guard outcomes.count == trials.count else { return nil }
        if !open.isEmpty {
            seeds += more
            before += outcomes.prefix(more.count)
        }
        return Array(outcomes.suffix(more.count))
    }

    /// The runs of what did not hold make room for the next.
    private func putAsideRuns() throws {
        guard SystemFile.exists(folder.runsAfter) else { return }
        try FileManager.default.moveItem(atPath: folder.runsAfter, toPath: "\(folder.repairRuns)/rejected-\(tests)")
    }
}
