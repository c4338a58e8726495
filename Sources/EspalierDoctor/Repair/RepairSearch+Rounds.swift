import EspalierSpec
import EspalierTraining

// The rounds of a repair: many candidates, each tried as long as it seems worth it.
extension RepairSearch {
    /// A round of trials on top of the best so far; whether one of them is better.
    mutating func improve(_ say: (String) -> Void) throws -> Bool {
        if try improve(proposals(), say) { return true }
        if lengthen(), try improve(proposals(), say) { return true }
        // What does well already needs no shots in the dark.
        guard !hasTriedGeneral, runner.cutOff == nil, best.remedies.isEmpty || !standing.allSatisfy(\.isSound) else {
            return false
        }
        hasTriedGeneral = true
        var general = Candidates(on: best, without: tried, registry: registry)
        try general.addGeneral(for: prepared)
        return try improve(general, say)
    }

    /// What the diagnoses propose, and what helped before without being the best.
    private func proposals() -> Candidates {
        var candidates = Candidates(on: best, without: tried, registry: registry)
        candidates.add(proposedBy: standing.map(\.diagnosis))
        for proposal in helpful {
            if let remedy = try? Remedies.remedy(proposal, in: registry) { candidates.add(remedy, why: proposal.why) }
        }
        return candidates
    }

    /// Gives what follows `Halving.enoughSteps`, where the best has fewer than `Halving.leastSteps`: in so few nothing can be
    /// seen to help.
    private mutating func lengthen() -> Bool {
        let steps = max(1, prepared.data.train.count / best.experiment.training.batchSize)
        let total = steps * best.experiment.training.epochs
        let longer = TrainLonger(factor: (Double(Halving.enoughSteps) / Double(total)).rounded(.up))
        guard total < Halving.leastSteps, registry.names.contains(TrainLonger.name),
            let candidate = best.adding(longer, why: "\(total) steps are too few to learn anything"),
            hasRoom(for: candidate)
        else { return false }
        best = candidate
        return true
    }

    /// Whether what trains longer can be tried and compared on all seeds.
    private func hasRoom(for candidate: Candidate) -> Bool {
        let epochs = candidate.experiment.training.epochs
        return epochs <= best.experiment.training.epochs || 2 * seeds.count * epochs <= runner.limit
    }

    private mutating func improve(_ candidates: Candidates, _ say: (String) -> Void) throws -> Bool {
        for candidate in candidates.unmeasurable where tried.insert(candidate.experiment).inserted {
            note(candidate, [], [], 0, "it changes what is held out, so that no gain can be measured", say)
        }
        let field = candidates.all.filter(hasRoom)
        tried.formUnion(field.map(\.experiment))
        guard !field.isEmpty else { return false }
        let finalists = try halve(field, say)
        let isSound = standing.allSatisfy(\.isSound)
        let better = finalists.filter { finalist in
            let gain = finalist.value - reference
            // What cures counts also where nothing is left to gain by it.
            return gain >= acceptance.leastGain
                || !isSound && gain >= -acceptance.leastGain && (finalist.isSound || uncovers(finalist))
        }
        guard let winner = choose(better) else { return false }
        helpful = better.filter { $0.candidate.experiment != winner.candidate.experiment }
            .compactMap(\.candidate.remedies.last)
        best = winner.candidate
        reference = winner.value
        standing = winner.outcomes
        return true
    }

    /// Whether the first error is gone and what is left had been taken for its consequences: as long as it is there, nothing
    /// else can be seen to help.
    private func uncovers(_ finalist: Finalist) -> Bool {
        guard let cause = standing.lazy.compactMap(\.error).first else { return false }
        let consequences = Set(standing.flatMap(\.errors).flatMap(\.consequences))
        let errors = finalist.outcomes.flatMap(\.errors).map(\.symptom)
        return errors.allSatisfy { $0 != cause.symptom && consequences.contains($0) }
    }

    private struct Finalist {
        var candidate: Candidate
        var outcomes: [RepairTrial.Outcome]
        /// That each of them took.
        var epochs: Int
        var value: Double { outcomes.map(\.value).mean }
        var isSound: Bool { outcomes.allSatisfy(\.isSound) }
    }

    /// Of those without an error the one with the highest value; of several within the least gain of it the one that leaves
    /// the least to find, and of these the likeliest.
    private func choose(_ finalists: [Finalist]) -> Finalist? {
        let sound = finalists.filter(\.isSound)
        let field = sound.isEmpty ? finalists : sound
        guard let highest = field.map(\.value).max() else { return nil }
        let close = field.filter { $0.value >= highest - acceptance.leastGain }
        return close.first { $0.outcomes.allSatisfy(\.isWell) } ?? close.first
    }

    /// Successive halving.
    ///
    /// - Returns: Those that were trained whole, the likeliest first; where that was cut off, those of the rung before.
    private mutating func halve(_ candidates: [Candidate], _ say: (String) -> Void) throws -> [Finalist] {
        var field = candidates, reached: [Finalist] = []
        let rungs = Halving.rungs(candidates: field.count)
        for (number, rung) in rungs.enumerated() {
            let next = rungs.indices.contains(number + 1) ? rungs[number + 1] : nil
            let finalists = try climb(field, rung, say)
            // Stable, so that of equals the likelier stays.
            let ranking = finalists.indices.sorted { (finalists[$0].value, $1) > (finalists[$1].value, $0) }
            let kept = next.map { Set(ranking.prefix($0.candidates)) } ?? Set(ranking)
            for (index, finalist) in finalists.enumerated() where next == nil || !kept.contains(index) {
                let reason = next == nil ? Self.judgement(finalist.outcomes) : "fell out, behind others"
                note(finalist.candidate, finalist.outcomes.map(\.value), seeds(of: rung), finalist.epochs, reason, say)
            }
            guard !finalists.isEmpty else { return reached }
            reached = finalists.indices.filter(kept.contains).map { finalists[$0] }
            field = reached.map(\.candidate)
        }
        return reached
    }

    /// Trains the candidates for a rung's share.
    ///
    /// - Returns: Those that were trained on all seeds.
    private mutating func climb(
        _ field: [Candidate], _ rung: Halving.Rung, _ say: (String) -> Void
    ) throws -> [Finalist] {
        let seeds = seeds(of: rung)
        let length = rung.share == 1 ? "whole" : "for \(rung.share.short) of the epochs"
        say("trying \(field.count) change\(field.count == 1 ? "" : "s") \(length)")
        let trials = field.flatMap { candidate in
            seeds.map { shortened(candidate.experiment, rung.share, seed: $0) }
        }
        let results = runner.run(trials, leaving: reserve(field))
        var finalists: [Finalist] = []
        for (index, candidate) in field.enumerated() {
            let own = results[index * seeds.count..<(index + 1) * seeds.count]
            let epochs = trials[index * seeds.count].experiment.training.epochs
            let outcomes = own.compactMap { try? $0.get() }
            if outcomes.count == seeds.count {
                finalists.append(Finalist(candidate: candidate, outcomes: outcomes, epochs: epochs))
            } else {
                note(candidate, [], [], epochs, Self.failure(in: own) ?? "cut off", say)
            }
        }
        return finalists
    }

    /// All trial seeds where candidates are trained whole.
    private func seeds(of rung: Halving.Rung) -> [Int] { rung.share == 1 ? trialSeeds : [trialSeeds[0]] }

    /// Why something could not be trained.
    private static func failure(in results: ArraySlice<Result<RepairTrial.Outcome?, any Error>>) -> String? {
        results.lazy.compactMap { result in
            guard case .failure(let error) = result else { return nil }
            return "cannot be trained: \((error as? EspalierError)?.what ?? "\(error)")"
        }.first
    }

    private func shortened(_ experiment: Experiment, _ share: Double, seed: Int) -> RepairTrial {
        let steps = max(1, prepared.data.train.count / experiment.training.batchSize)
        // The same for all, also for one that would train longer.
        let epochs = Halving.epochs(share, of: original.training.epochs, stepsPerEpoch: steps)
        let whole = experiment.training.epochs
        return RepairTrial(
            runner.metric.measured(experiment), seed: seed, epochs: share == 1 ? whole : min(whole, epochs))
    }

    /// Epochs that a test of the longest of these takes.
    private func reserve(_ field: [Candidate]) -> Int {
        seeds.count * (field.map(\.experiment.training.epochs).max() ?? 0)
    }

    private static func judgement(_ outcomes: [RepairTrial.Outcome]) -> String {
        if let finding = outcomes.lazy.compactMap(\.error).first { return "still has \(finding.symptom.rawValue)" }
        if outcomes.contains(where: \.isPoor) { return "still does worse than a simple model" }
        let symptoms = outcomes.flatMap { $0.diagnosis.findings.filter { $0.severity > .info } }.map(\.symptom.rawValue)
        return symptoms.first.map { "has \($0) left" } ?? "nothing is found any more"
    }
}
