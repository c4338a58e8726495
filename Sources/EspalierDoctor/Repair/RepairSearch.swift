import EspalierSpec
import EspalierTraining
import Foundation

/// The course of a repair: what was tried, and what is best so far.
struct RepairSearch {
    /// Rounds of trials, each on top of the best of the one before.
    static let rounds = 4

    let original: Experiment
    let prepared: PreparedExperiment
    let folder: RunFolder
    let runner: TrialRunner
    let registry: Registry<any Remedy>
    let acceptance: Acceptance
    /// The training's own seed and those after it: what the comparison is made on.
    var seeds: [Int]
    /// How many of them a comparison begins with.
    let firstLook: Int
    /// Others, so that who is chosen by luck has none of it left in the comparison.
    ///
    /// What has failed there once is tried on more of them.
    var trialSeeds: [Int] {
        (0..<(tests == 0 ? 3 : 6)).map { (original.training.seed &+ 1000 &+ $0) & .max }
    }

    var before: [RepairTrial.Outcome] = []
    var attempts: [RepairResult.Attempt] = []
    /// The best so far, what is to be bettered of it, and the trainings that show what is still wrong with it.
    var best: Candidate
    var reference = 0.0
    var standing: [RepairTrial.Outcome] = []
    /// What helped by itself, without being the best.
    var helpful: [Finding.Proposal] = []
    /// All that was tried.
    var tried: Set<Experiment> = []
    var tests = 0
    /// What was put to the test, and did not hold.
    var tested: Set<Experiment> = []
    var hasTriedGeneral = false

    init(
        _ prepared: PreparedExperiment, in folder: RunFolder, _ runner: TrialRunner, registry: Registry<any Remedy>,
        acceptance: Acceptance, seeds count: Int
    ) {
        original = prepared.experiment
        self.prepared = prepared
        self.folder = folder
        self.runner = runner
        self.registry = registry
        self.acceptance = acceptance
        firstLook = count
        let first = original.training.seed
        seeds = (0..<count).map { (first &+ $0) & .max }
        best = Candidate(remedies: [], experiment: original)
    }

    mutating func run(say: (String) -> Void) throws -> RepairResult {
        guard try measureBefore(say) else { return result("cut off before it was known how the training does") }
        let values = before.map(\.value)
        let names = seeds.map(String.init).joined(separator: ", ")
        say("before: \(runner.metric.name) \(RepairResult.text(values)) over seeds \(names)")
        if before.allSatisfy(\.diagnosis.isHealthy) { return result("the training is healthy from every seed") }
        if values.mean > 1 - acceptance.leastGain {
            return result("there is nothing left to gain: \(runner.metric.name) is \(values.mean.short)")
        }
        standing = before
        reference = values.mean
        for _ in 0..<Self.rounds where runner.cutOff == nil && tests < acceptance.tests {
            let hasImproved = try improve(say)
            if hasImproved, standing.allSatisfy(\.isWell), let repaired = try test(say) { return repaired }
            if !hasImproved, hasTriedGeneral { break }
        }
        // The clock may have ended the search; what is best so far may still be good enough.
        if runner.cutOff != .interrupted, !best.remedies.isEmpty, tests < acceptance.tests,
            !tested.contains(best.experiment), let repaired = try test(say)
        {
            return repaired
        }
        return result(failure)
    }

    /// Why there is no repair.
    var failure: String {
        switch runner.cutOff {
        case .interrupted: return "interrupted"
        case .clock: return "out of time; nothing that was tried until then holds"
        case .epochs: return "out of epochs; nothing that was tried until then holds"
        case nil: break
        }
        let last = attempts.last { tests > 0 && $0.seeds.first == seeds.first }
        return last.map { "could not repair: the best that was found does not hold, \($0.reason)" }
            ?? "could not repair: none of \(attempts.count) attempts helped"
    }

    // The training as it is

    mutating func measureBefore(_ say: (String) -> Void) throws -> Bool {
        let known = try? RepairTrial.Outcome(of: folder, runner.metric)
        let open = known == nil ? seeds[...] : seeds.dropFirst()
        let results = runner.run(open.map { trial(original, seed: $0, in: folder.runsBefore) })
        var outcomes = known.map { [$0] } ?? []
        for result in results { if let outcome = try result.get() { outcomes.append(outcome) } }
        before = outcomes
        runner.baselines = outcomes.first?.baselines
        return outcomes.count == seeds.count
    }

    func trial(_ experiment: Experiment, seed: Int, in parent: String) -> RepairTrial {
        RepairTrial(runner.metric.measured(experiment), seed: seed, folder: "\(parent)/seed-\(seed)")
    }

    // What comes of it

    mutating func note(
        _ candidate: Candidate, _ values: [Double], _ seeds: [Int], _ epochs: Int, accepted: Bool = false,
        _ reason: String, _ say: (String) -> Void
    ) {
        attempts.append(
            .init(
                remedies: candidate.remedies, values: values, seeds: seeds, epochs: epochs, isAccepted: accepted,
                reason: reason))
        let value = values.isEmpty ? "" : "\(RepairResult.text(values)), "
        say("\(accepted ? "accepted" : "tried"): \(candidate.text): \(value)\(reason)")
    }

    /// - Parameters:
    ///   - repair: What was accepted, if anything.
    ///   - after: What it reaches on `seeds`.
    func result(_ reason: String, _ repair: Candidate? = nil, after: [Double]? = nil) -> RepairResult {
        let count = after?.count ?? seeds.count
        return RepairResult(
            isRepaired: repair != nil, reason: reason, metric: runner.metric.name, seeds: Array(seeds.prefix(count)),
            before: before.prefix(count).map(\.value), after: after, remedies: repair?.remedies ?? [],
            attempts: attempts,
            epochs: runner.epochs, epochLimit: runner.limit, cutOff: runner.cutOff?.rawValue, seconds: 0,
            experiment: repair?.experiment)
    }
}

extension [Double] {
    var mean: Double { reduce(0, +) / Double(count) }
}
