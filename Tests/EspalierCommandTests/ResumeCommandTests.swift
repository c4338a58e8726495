import EspalierSpec
import Foundation
import Testing

@testable import EspalierReport
@testable import EspalierTraining

/// What a finished run leads to, byte for byte.
private struct RunOutcome: Equatable {
    var best: Data
    /// Of the last checkpoint.
    var buffers: [String: [UInt32]]
    /// Without the seconds.
    var metrics: [String]
    /// As the report sees them: losses of steps and of epochs.
    var steps: [Double?]
    var epochs: [[String: Double]?]

    init(_ espalier: Command, _ run: String) throws {
        best = try espalier.bytes("\(run)/best.safetensors")
        let names = CheckpointFolder(path: espalier.path("\(run)/checkpoints")).names
        let last = try CheckpointFile.read(espalier.path("\(run)/checkpoints/\(names[0])"))
        buffers = [:]
        for buffer in last.buffers {
            if case .floats(let values) = buffer.values { buffers[buffer.name] = values.map(\.bitPattern) }
        }
        metrics = try espalier.text("\(run)/metrics.csv").split(separator: "\n").map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).dropLast().joined(separator: ",")
        }
        let record = try RunRecord(folder: espalier.path(run))
        steps = record.steps.map(\.loss)
        epochs = record.epochs.map(\.train)
    }
}

/// Trainings that are killed at random moments, and go on to the same bytes.
@Suite struct KillTests {
    static let configurations = [
        "dense": """
        data: {source: digits}
        model: [{linear: {units: 96}}, relu, {dropout: {p: 0.3}}, {linear: {units: auto}}]
        optimizer: {adam: {learningRate: 0.003}}
        averaging: {ema: {decay: 0.99, warmUp: true}}
        training: {epochs: 40, batchSize: 32, seed: 3}
        callbacks: [{checkpoint: {every: 7, keep: 2}}, {earlyStopping: {patience: 30}}]
        """,
        "convolutional": """
        data: {source: digitImages}
        augment: [{randomCrop: {padding: 1}}, {noise: {std: 0.1}}, {mixUp: {alpha: 0.2}}]
        model: [{conv2d: {channels: 8, kernelSize: 3, padding: 1}}, batchNorm, relu,
            {maxPool2d: {kernelSize: 2}}, flatten, {linear: {units: auto}}]
        optimizer: {momentum: {learningRate: 0.05}}
        schedule: cosine
        gradient: {accumulate: 2, clipNorm: 1.0}
        training: {epochs: 20, batchSize: 24, seed: 4}
        callbacks: [{checkpoint: {every: 5, keep: 3}}]
        """,
        "recurrent": """
        data: {source: digits}
        model: [{reshape: {shape: [8, 8]}}, {lstm: {units: 16}}, {linear: {units: auto}}]
        optimizer: {rmsProp: {learningRate: 0.005}}
        schedule: {performance: {patience: 1, decayTo: 0.5}}
        averaging: {swa: {start: 8}}
        training: {epochs: 12, batchSize: 32, seed: 5}
        callbacks: [{checkpoint: {every: 6, keep: 2, seconds: null}}]
        """,
    ]

    /// How many kills each of the three takes: `ESPALIER_KILLS`.
    private var kills: Int { Int(ProcessInfo.processInfo.environment["ESPALIER_KILLS"] ?? "") ?? 4 }

    @Test(arguments: ["dense", "convolutional", "recurrent"]) func aKilledRunComesToTheSameBytes(_ name: String) throws
    {
        let espalier = try Command()
        let seed = Int(ProcessInfo.processInfo.environment["ESPALIER_SEED"] ?? "") ?? Int.random(in: 0...9999)
        print("\(name): ESPALIER_SEED=\(seed)")
        var random = Generator(state: UInt64(seed))
        try espalier.put(try #require(Self.configurations[name]), as: "\(name).yaml")
        let start = ContinuousClock.now
        let whole = try espalier("train", "\(name).yaml", "--out", "whole", "--quiet")
        #expect(whole.status == 0, "\(whole.errors)")
        let seconds = start.duration(to: .now).seconds
        let expected = try RunOutcome(espalier, "whole")

        var killed = 0, runs = 0
        while killed < kills {
            runs += 1
            let run = "run-\(runs)"
            var arguments = ["train", "\(name).yaml", "--out", run, "--quiet"]
            while true {
                let running = try espalier.start(arguments)
                // Early enough that most runs take several kills, late enough that they move on.
                usleep(UInt32(Double.random(in: 0...0.6, using: &random) * seconds * 1e6))
                let isKilled = killed < kills && running.process.isRunning
                if isKilled { kill(running.process.processIdentifier, SIGKILL) }
                let outcome = try running.finish()
                guard isKilled, outcome.status == SIGKILL else {
                    #expect(outcome.status == 0, "seed \(seed), \(run): \(outcome.errors)")
                    break
                }
                killed += 1
                // Before there is a configuration there is no run.
                if SystemFile.exists(espalier.path("\(run)/config.yaml")) {
                    arguments = ["train", "--resume", run, "--quiet"]
                } else {
                    try? FileManager.default.removeItem(atPath: espalier.path(run))
                }
            }
            try #require(SystemFile.exists(espalier.path("\(run)/summary.json")), "seed \(seed), \(run)")
            #expect(try RunOutcome(espalier, run) == expected, "seed \(seed), \(run)")
            try FileManager.default.removeItem(atPath: espalier.path(run))
        }
        print("\(name): \(killed) kills in \(runs) runs, every one the same as the whole one")
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        /// SplitMix64.
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
}

@Suite struct ResumeCommandTests {
    private let configuration = KillTests.configurations["dense"] ?? ""

    @Test func anInterruptedRunGoesOn() throws {
        let espalier = try Command()
        try espalier.put(configuration, as: "dense.yaml")
        #expect(try espalier("train", "dense.yaml", "--out", "whole").status == 0)
        let running = try espalier.start(["train", "dense.yaml", "--out", "run"])
        let log = espalier.path("run/events.jsonl")
        let deadline = Date.now.addingTimeInterval(30)
        while !((try? contents(of: log).contains("\"event\":\"epoch\"")) ?? false) {
            try #require(Date.now < deadline && running.process.isRunning)
            usleep(1000)
        }
        kill(running.process.processIdentifier, SIGTERM)
        let first = try running.finish()
        #expect(first.status == 1)
        #expect(first.errors.contains("espalier train --resume run"))
        #expect(try espalier.json("run/summary.json")["status"] == "interrupted")
        // A line that was torn.
        let handle = try #require(FileHandle(forWritingAtPath: log))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("{\"event\":\"st".utf8))
        try handle.close()
        let second = try espalier("train", "--resume", "run", "--threads", "1")
        #expect(second.status == 0, "\(second.errors)")
        #expect(second.output.contains("resuming after step "))
        #expect(try RunOutcome(espalier, "run") == RunOutcome(espalier, "whole"))
        #expect(try contents(of: log).contains("\"event\":\"resume\""))
        #expect(try espalier.json("run/summary.json")["status"] == espalier.json("whole/summary.json")["status"])

        let third = try espalier("train", "--resume", "run/")
        #expect(third.status == 0)
        #expect(third.output.contains("run is ") && third.output.contains(" already"))
    }

    /// With checkpoints that cannot be used it is said which and why, and the one before is used.
    @Test func damagedCheckpointsAreLeftOut() throws {
        let espalier = try Command()
        try espalier.put(configuration, as: "dense.yaml")
        #expect(try espalier("train", "dense.yaml", "--out", "whole").status == 0)
        let expected = try RunOutcome(espalier, "whole")
        let folder = CheckpointFolder(path: espalier.path("whole/checkpoints"))
        let newest = espalier.path("whole/checkpoints/\(folder.names[0])")
        var bytes = try Data(contentsOf: URL(filePath: newest))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(filePath: newest))
        try FileManager.default.removeItem(atPath: espalier.path("whole/summary.json"))
        let outcome = try espalier("train", "--resume", "whole")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("not used: whole/checkpoints/\(URL(filePath: newest).lastPathComponent): "))
        #expect(outcome.output.contains("resuming after step "))
        #expect(try RunOutcome(espalier, "whole") == expected)

        for name in folder.names { try Data("x".utf8).write(to: URL(filePath: "\(folder.path)/\(name)")) }
        try FileManager.default.removeItem(atPath: espalier.path("whole/summary.json"))
        let over = try espalier("train", "--resume", "whole")
        #expect(over.output.contains("no checkpoint can be used: the training starts over"))
        #expect(try RunOutcome(espalier, "whole") == expected)
    }

    /// Whoever edits `config.yaml` to train longer loses nothing.
    @Test func aRunWhoseSettingsHaveChangedIsLeftAsItIs() throws {
        let espalier = try Command()
        try espalier.put(configuration, as: "dense.yaml")
        #expect(try espalier("train", "dense.yaml", "--out", "run").status == 0)
        try FileManager.default.removeItem(atPath: espalier.path("run/summary.json"))
        let settings = try espalier.text("run/config.yaml")
        try espalier.put(settings.replacing("learningRate: 0.0", with: "learningRate: 0.1"), as: "run/config.yaml")
        #expect(try espalier.text("run/config.yaml") != settings)
        let names = try espalier.names(in: "run/checkpoints"), metrics = try espalier.text("run/metrics.csv")
        let events = try espalier.text("run/events.jsonl")
        let outcome = try espalier("train", "--resume", "run")
        #expect(outcome.status == 2 && outcome.errors.contains("are of another training"))
        #expect(try espalier.names(in: "run/checkpoints") == names)
        #expect(try espalier.text("run/metrics.csv") == metrics)
        #expect(try espalier.text("run/events.jsonl") == events)
    }

    @Test func aRunOfAConfigurationAloneStarts() throws {
        let espalier = try Command()
        try espalier.put(configuration, as: "dense.yaml")
        #expect(try espalier("train", "dense.yaml", "--out", "whole").status == 0)
        try FileManager.default.createDirectory(atPath: espalier.path("run"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: espalier.path("whole/config.yaml"), toPath: espalier.path("run/config.yaml"))
        let outcome = try espalier("train", "--resume", "run")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("no checkpoint was written yet: the training starts over"))
        #expect(try RunOutcome(espalier, "run") == RunOutcome(espalier, "whole"))
    }

    @Test func wrongUsesAreRefused() throws {
        let espalier = try Command()
        for arguments in [
            ["train"], ["train", "digits", "--resume", "run"],
            ["train", "--resume", "run", "--set", "training.epochs=3"],
            ["train", "--resume", "nowhere"], ["train", "--resume", "."],
        ] {
            let outcome = try espalier.run(arguments)
            #expect(outcome.status == 2, "\(arguments)")
            #expect(!outcome.errors.isEmpty)
        }
    }

    @Test func twoProcessesDoNotWorkOnOneRun() throws {
        let espalier = try Command()
        try espalier.put(configuration, as: "dense.yaml")
        let running = try espalier.start(["train", "dense.yaml", "--out", "run", "--set", "training.epochs=100000"])
        let deadline = Date.now.addingTimeInterval(30)
        while !SystemFile.exists(espalier.path("run/config.yaml")) {
            try #require(Date.now < deadline && running.process.isRunning)
            usleep(1000)
        }
        let second = try espalier("train", "--resume", "run")
        #expect(second.status == 2)
        #expect(second.errors.contains("another process is writing the file"))
        kill(running.process.processIdentifier, SIGKILL)
        _ = try running.finish()
    }

    @Test func aTimeLimitEndsWithACheckpoint() throws {
        let espalier = try Command()
        try espalier.put(configuration, as: "dense.yaml")
        let outcome = try espalier(
            "train", "dense.yaml", "--out", "run", "--set", "callbacks=[{timeLimit: {minutes: 0.001}}]", "--set",
            "training.epochs=100000")
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("the time limit of 0.001000 minutes was reached after step "))
        #expect(try espalier.names(in: "run/checkpoints").count == 1)
    }
}
