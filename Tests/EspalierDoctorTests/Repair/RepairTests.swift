import Espalier
import Foundation
import Synchronization
import Testing

@testable import EspalierDoctor
@testable import EspalierTraining

/// What a repair finds, proves and writes.
struct RepairTests {
    /// Its gradients, of targets in the hundreds, make the loss infinite within a few steps.
    private func exploding(epochs: Int = 20, doctor: String = "") throws -> Experiment {
        try experiment(
            """
            data: {source: {regression: {samples: 300, features: 10}}, split: {test: none}, scale: none}
            model: [linear: {units: 16}, relu, linear: {units: 1}]
            metrics: [mae]
            optimizer: {sgd: {learningRate: 0.3}}
            training: {epochs: \(epochs), batchSize: 32, seed: 5}
            \(doctor)
            """)
    }

    private func experiment(_ yaml: String) throws -> Experiment {
        try Experiment(configuration: YAML.parse(yaml, file: "test.yaml"))
    }

    /// A folder that is gone at the end of the test.
    private func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let path = FileManager.default.temporaryDirectory.path + "/repair-\(UInt64.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    private func repair(
        _ experiment: Experiment, in path: String, workers: Int = 2, registry: Registry<any Remedy>? = nil,
        shouldInterrupt: @escaping @Sendable () -> Bool = { false }
    ) throws -> RepairResult {
        var repair = Repair(experiment)
        repair.workers = workers
        if let registry { repair.registry = registry }
        return try repair.run(in: RunFolder.taking(path), shouldInterrupt: shouldInterrupt)
    }

    private func json(_ path: String) throws -> ConfigurationValue {
        try JSON.parse(SystemFile.read(path + "/repair.json", kind: "a repair")[...])
    }

    /// `repair.json` but for how long it took.
    private func timeless(_ path: String) throws -> ConfigurationValue {
        guard case .map(let entries) = try json(path) else { return .null }
        return .map(entries.filter { $0.key != "seconds" })
    }

    @Test func aRateThatExplodesIsRepaired() throws {
        try withFolder { path in
            let result = try repair(exploding(), in: path)
            #expect(result.isRepaired)
            #expect(!result.remedies.isEmpty)
            #expect(result.seeds == [5, 6, 7])
            #expect(result.before == [0, 0, 0])
            #expect(try #require(result.after).allSatisfy { $0 > 0.9 })
            let record = try json(path)
            #expect(record["repaired"] == true)
            #expect(record["metric"] == "validation_r2")
            #expect(record["config"] == "repaired.yaml")
            #expect(record["after"]?["values"] == .list(try #require(result.after).map { .number($0) }))
            guard case .list(let attempts)? = record["attempts"] else { throw CancellationError() }
            #expect(attempts.count { $0["accepted"] == true } == 1)
            #expect(attempts.last?["value"] == record["after"])
        }
    }

    @Test func theRepairedConfigurationRunsAgainToTheSameResult() throws {
        try withFolder { path in
            let result = try repair(exploding(), in: path)
            for (seed, value) in zip(result.seeds, try #require(result.after)) {
                let again = try Experiment.read(
                    path + "/repaired.yaml", overrides: ["training.seed=\(seed)", "metrics=[mae, r2]"])
                let run = try TrainingRun(again, in: { _ in try RunFolder.taking("\(path)/again-\(seed)") })
                #expect(run.summary.validation?["r2"] == value)
            }
            // The metric that repairs are judged by is no part of it.
            #expect(try Experiment.read(path + "/repaired.yaml").metrics?.map { type(of: $0).name } == ["mae"])
        }
    }

    @Test func theRunsThatCountAreKept() throws {
        try withFolder { path in
            let result = try repair(exploding(), in: path)
            for seed in result.seeds {
                for parent in [RunFolder(path: path).runsBefore, RunFolder(path: path).runsAfter] {
                    #expect(SystemFile.exists("\(parent)/seed-\(seed)/summary.json"))
                }
            }
        }
    }

    @Test func anyNumberOfThreadsComesToTheSameRepair() throws {
        try withFolder { one in
            try withFolder { four in
                _ = try repair(exploding(), in: one, workers: 1)
                _ = try repair(exploding(), in: four, workers: 4)
                #expect(try timeless(one) == timeless(four))
                #expect(
                    try SystemFile.read(one + "/repaired.yaml", kind: "")
                        == SystemFile.read(four + "/repaired.yaml", kind: ""))
            }
        }
    }

    @Test func theRunInTheFolderIsTheFirstBefore() throws {
        try withFolder { path in
            var experiment = try exploding()
            experiment.metrics = [RSquared()]
            let run = try TrainingRun(experiment, in: { _ in try RunFolder.taking(path) }, attendant: Doctor())
            let result = try Repair(experiment).run(in: run.folder)
            #expect(result.isRepaired)
            #expect(!SystemFile.exists(run.folder.runsBefore + "/seed-5"))
            #expect(SystemFile.exists(run.folder.runsBefore + "/seed-6"))
        }
    }

    private func zoo(_ name: String) throws -> Experiment {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Zoo/faulty")
        return try Experiment.read(folder.appending(path: name + ".yaml").path)
    }

    /// Accuracy is at .99 with and without the rare class.
    @Test func rareClassesCountAsMuchAsOthers() throws {
        try withFolder { path in
            let result = try repair(zoo("breast-cancer-rare-class"), in: path)
            #expect(result.metric == "validation_recall")
            #expect(result.isRepaired)
            #expect(result.before.allSatisfy { $0 < 0.7 })
            #expect(try #require(result.after).mean > 0.8)
        }
    }

    /// Its output cannot say anything, and once it can, twenty steps are too few to: no single change gains.
    @Test func whatTakesTheFirstCauseAwayIsBuiltUpon() throws {
        try withFolder { path in
            let result = try repair(zoo("xor-softmax-output"), in: path)
            #expect(result.isRepaired)
            #expect(result.remedies.first?.name == FixOutput.name)
            #expect(result.remedies.count > 1)
        }
    }

    @Test func aHealthyTrainingIsLeftAlone() throws {
        try withFolder { path in
            var experiment = try exploding()
            experiment.optimizer = Adam(learningRate: 0.01)
            experiment.data.targetScale = .standard
            let result = try repair(experiment, in: path)
            #expect(!result.isRepaired)
            #expect(result.attempts.isEmpty)
            #expect(result.reason == "the training is healthy from every seed")
            #expect(!SystemFile.exists(path + "/repaired.yaml"))
            #expect(try json(path)["config"] == .null)
        }
    }

    @Test func whatCannotBeRepairedIsSaidWithWhatWasTried() throws {
        var registry = Registry<any Remedy>(kind: "remedy")
        registry.register(SmallerBatches.self) { $0 }
        try withFolder { path in
            let result = try repair(exploding(), in: path, registry: registry)
            #expect(!result.isRepaired)
            #expect(result.after == nil)
            #expect(result.attempts.map { $0.remedies.map(\.name) } == [["smallerBatches"], ["smallerBatches"]])
            #expect(result.attempts.allSatisfy { $0.reason.hasPrefix("still has ") && !$0.isAccepted })
            #expect(result.reason.hasPrefix("could not repair"))
            #expect(!SystemFile.exists(path + "/repaired.yaml"))
        }
    }

    @Test func whatChangesTheHeldOutSamplesIsNotMeasured() throws {
        var registry = Registry<any Remedy>(kind: "remedy")
        registry.register(MoreValidation.self) { $0 }
        try withFolder { path in
            let result = try repair(exploding(), in: path, registry: registry)
            #expect(!result.isRepaired)
            #expect(result.attempts.map(\.values) == [[]])
            #expect(result.attempts.first?.reason.contains("held out") == true)
        }
    }

    @Test(arguments: [59, 60, 119]) func epochsAreABudget(limit: Int) throws {
        try withFolder { path in
            let experiment = try exploding(doctor: "doctor: {repairEpochs: \(limit)}")
            let result = try repair(experiment, in: path)
            #expect(result.epochs <= limit)
            #expect(result.cutOff == "epochs")
            #expect(!result.isRepaired)
            #expect(try json(path)["budget"]?["cutOff"] == "epochs")
        }
    }

    @Test func theClockEndsIt() throws {
        try withFolder { path in
            let experiment = try exploding(epochs: 1_000_000, doctor: "doctor: {repairSeconds: 0.2}")
            var slow = experiment
            slow.optimizer = SGD(learningRate: 1e-9)
            let result = try repair(slow, in: path)
            #expect(result.cutOff == "clock")
            #expect(!result.isRepaired)
        }
    }

    @Test func anInterruptionKeepsWhatWasTried() throws {
        try withFolder { path in
            let steps = Mutex(0)
            // The trainings before end within a few steps; this falls into the first trials.
            let result = try repair(exploding(), in: path, workers: 1) {
                steps.withLock { count in
                    count += 1
                    return count > 300
                }
            }
            #expect(result.cutOff == "interrupted")
            #expect(result.reason == "interrupted")
            #expect(!result.isRepaired)
            #expect(result.before == [0, 0, 0])
            #expect(!result.attempts.isEmpty)
            #expect(try json(path)["repaired"] == false)
        }
    }

    @Test func aFolderHoldsOneRepair() throws {
        try withFolder { path in
            _ = try repair(exploding(), in: path)
            let folder = RunFolder(path: path)
            let before = try SystemFile.read(folder.repair, kind: "")
            #expect(throws: EspalierError.self) { try Repair(exploding()).run(in: folder) }
            #expect(try SystemFile.read(folder.repair, kind: "") == before)
        }
    }

    @Test func whatAKilledRepairLeftIsTakenAway() throws {
        try withFolder { path in
            let left = "\(path)/repair/before/seed-5"
            try SystemFile.makeFolders(left)
            try AtomicFile.write("{}", to: left + "/events.jsonl")
            let result = try Repair(exploding()).run(in: RunFolder(path: path))
            #expect(result.isRepaired)
        }
    }
}

/// Does not help: batches of half the size.
private struct SmallerBatches: Remedy {
    var divisor = 2
    static let name = "smallerBatches"
    static let summary = "Smaller batches"
    static let fields = [Field("divisor", \Self.divisor, "times smaller", in: 2...)]
    var why: String { "noise shakes a training awake" }
    var alternatives: [Self] {
        var other = self
        other.divisor = 4
        return [other]
    }

    func applied(to experiment: Experiment) -> Experiment? {
        var changed = experiment
        changed.training.batchSize /= divisor
        return changed
    }
}

/// Would measure on other samples than before.
private struct MoreValidation: Remedy {
    static let name = "moreValidation"
    static let summary = "More validation"
    static let fields: [Field<Self>] = []
    var why: String { "it would flatter" }

    func applied(to experiment: Experiment) -> Experiment? {
        var changed = experiment
        changed.data.split.seed += 1
        return changed
    }
}
