import EspalierTraining

// The rounds of a repair: many candidates, each tried as long as it seems worth it.
extension RepairSearch {
    /// A round of trials on top of the best so far; whether one of them is better.
    mutating func improve(_ say: (String) -> Void) throws -> Bool {
        var candidates = Candidates(on: best, without: tried, registry: registry)
        candidates.add(proposedBy: standing.map(\.diagnosis))
        for proposal in helpful {
            if let remedy = try? Remedies.remedy(proposal, in: registry) { candidates.add(remedy, why: proposal.why) }
        }
        if try improve(candidates, say) { return true }
        guard !hasTriedGeneral, runner.cutOff == nil else { return false }
        hasTriedGeneral = true
        var general = Candidates(on: best, without: tried, registry: registry)
        try general.addGeneral(for: prepared)
        return try improve(general, say)
    }

    private mutating func improve(_ candidates: Candidates, _ say: (String) -> Void) throws -> Bool {
        for candidate in candidates.unmeasurable where tried.insert(candidate.experiment).inserted {
            note(candidate, [], [], epochs: 0, "it changes what is held out, so that no gain can be measured", say)
        }
        tried.formUnion(candidates.all.map(\.experiment))
        guard !candidates.all.isEmpty else { return false }
        let finalists = try halve(candidates.all, say)
        let reference = standing.map(\.value).mean
        let better = finalists.filter { $0.outcomes.map(\.value).mean >= reference + acceptance.leastGain }
        guard let winner = choose(better) else { return false }
        helpful = better.filter { $0.candidate.experiment != winner.candidate.experiment }
            .compactMap(\.candidate.remedies.last)
        best = winner.candidate
        standing = winner.outcomes
        return true
    }

    private struct Finalist {
        var candidate: Candidate
        var outcomes: [RepairTrial.Outcome]
    }

    /// Of those without an error the one with the highest value; of several within the least gain of it the one that leaves
    /// the least to find, and of these the likeliest.
    private func choose(_ finalists: [Finalist]) -> Finalist? {
        let sound = finalists.filter { $0.outcomes.allSatisfy { $0.error == nil && !$0.isPoor } }
        let field = sound.isEmpty ? finalists : sound
        guard let highest = field.map({ $0.outcomes.map(\.value).mean }).max() else { return nil }
        let close = field.filter { $0.outcomes.map(\.value).mean >= highest - acceptance.leastGain }
        return close.first { $0.outcomes.allSatisfy(\.isWell) } ?? close.first
    }

    /// Successive halving.
    ///
    /// - Returns: Those that were trained whole, the likeliest first.
    private mutating func halve(_ candidates: [Candidate], _ say: (String) -> Void) throws -> [Finalist] {
        var field = candidates
        let rungs = Halving.rungs(candidates: field.count)
        for (number, rung) in rungs.enumerated() {
            let isLast = number == rungs.count - 1
            let seeds = Array(trialSeeds.prefix(rung.seeds))
            let tasks = field.flatMap { candidate in
                seeds.map { shortened(candidate.experiment, rung.share, seed: $0) }
            }
            let results = runner.run(tasks, leaving: reserve(field))
            var outcomes: [[RepairTrial.Outcome]] = []
            for (index, candidate) in field.enumerated() {
                let own = results[index * seeds.count..<(index + 1) * seeds.count]
                let epochs = tasks[index * seeds.count].experiment.training.epochs
                outcomes.append(own.compactMap { try? $0.get() }.compactMap(\.self))
                guard outcomes[index].count < seeds.count else { continue }
                outcomes[index] = []
                let failure = own.lazy.compactMap { if case .failure(let error) = $0 { "\(error)" } else { nil } }.first
                note(candidate, [], [], epochs: epochs, failure.map { "cannot be trained: \($0)" } ?? "cut off", say)
            }
            let whole = field.indices.filter { !outcomes[$0].isEmpty }
            // Stable, so that of equals the likelier stays.
            let ranking = whole.sorted { (outcomes[$0].map(\.value).mean, $1) > (outcomes[$1].map(\.value).mean, $0) }
            let kept = isLast ? Set(whole) : Set(ranking.prefix(rungs[number + 1].candidates))
            for index in whole where isLast || !kept.contains(index) {
                let epochs = tasks[index * seeds.count].experiment.training.epochs
                let reason =
                    isLast ? Self.judgement(outcomes[index]) : "fell out, behind others after \(epochs) epochs"
                note(field[index], outcomes[index].map(\.value), seeds, epochs: epochs, reason, say)
            }
            if isLast { return whole.map { Finalist(candidate: field[$0], outcomes: outcomes[$0]) } }
            field = field.indices.filter(kept.contains).map { field[$0] }
        }
        return []
    }

    private func shortened(_ experiment: Experiment, _ share: Double, seed: Int) -> RepairTrial {
        let steps = max(1, prepared.data.train.count / experiment.training.batchSize)
        let epochs = Halving.epochs(share, of: experiment.training.epochs, stepsPerEpoch: steps)
        return RepairTrial(runner.metric.measured(experiment), seed: seed, epochs: epochs)
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
