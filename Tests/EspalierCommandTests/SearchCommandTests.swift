import EspalierGraph
import EspalierSpec
import Foundation
import Testing

@testable import EspalierStudy

private let configuration = """
    data: {source: {blobs: {samples: 150, features: 4, clusterStd: 4.0, seed: 3}}}
    model: [{linear: {units: 8}}, relu, {linear: {units: auto}}]
    optimizer: {adam: {learningRate: 0.01}}
    training: {epochs: 4, batchSize: 32}
    search:
      trials: 6
      sampler: random
      ranges:
        optimizer.adam.learningRate: {logUniform: [0.0001, 0.3]}
        training.batchSize: {choice: [16, 32]}
    """

/// What a study comes to, but for times and for how often its trials were begun.
private func outcome(_ espalier: Command, _ study: String) throws -> [String] {
    try StudyStore(opening: espalier.path("\(study)/study.sqlite")).trials().map {
        "\($0.number) \($0.state) \($0.coordinates) \($0.value as Any) \($0.course)"
    }
}

@Suite struct SearchCommandTests {
    @Test func fromRangesToTheBestConfiguration() throws {
        let espalier = try Command()
        try espalier.put(configuration, as: "blobs.yaml")
        let found = try espalier("search", "blobs.yaml", "--json")
        #expect(found.status == 0, "\(found.errors)")
        let record = try found.json
        #expect(record["study"] == "runs/blobs-search-1" && record["count"] == 6)
        #expect(found.errors.contains("6 trials by random, pruner none, 2 settings, highest validation accuracy"))
        #expect(found.errors.contains("[6/6] trial ") && !found.output.contains("[6/6]"))
        #expect(
            try espalier.names(in: "runs/blobs-search-1")
                == ["best.yaml", "config.yaml", "locks", "report.html", "study.json", "study.sqlite"])
        let best = try espalier("search", "best", "runs/blobs-search-1")
        #expect(try best.output == espalier.text("runs/blobs-search-1/best.yaml"))
        #expect(try espalier("search", "best", "runs/blobs-search-1", "--out", "best.yaml").status == 0)
        #expect(try espalier("train", "best.yaml", "--out", "best", "--quiet").status == 0)
        let value = record["trials"]?.items.compactMap { $0["value"]?.doubleValue }.max()
        #expect(try espalier.json("best/summary.json")["best"]?["validation"]?["accuracy"]?.doubleValue == value)
        let table = try espalier("search", "export", "runs/blobs-search-1").output.split(separator: "\n")
        #expect(table.count == 7 && table[0].contains(",optimizer.adam.learningRate,training.batchSize,"))
        let json = try espalier("search", "export", "runs/blobs-search-1", "--format", "json").json
        #expect(json["trials"] == record["trials"])
        let shown = try espalier("search", "show", "runs/blobs-search-1")
        #expect(shown.status == 0 && shown.output.contains("6 trials: 6 completed"))
    }

    /// A configuration with a search is one of a training too, and a study can be asked for more.
    @Test func theSameFileIsTrainedAndStudiesGrow() throws {
        let espalier = try Command()
        try espalier.put(configuration, as: "blobs.yaml")
        #expect(try espalier("train", "blobs.yaml", "--out", "run", "--quiet").status == 0)
        #expect(try !espalier.text("run/config.yaml").contains("search"))
        #expect(try espalier("search", "blobs.yaml", "--trials", "2", "--out", "s", "--quiet").output.isEmpty)
        #expect(try espalier("search", "--resume", "s", "--trials", "4", "--parallel", "1").status == 0)
        #expect(try outcome(espalier, "s").count == 4)
        #expect(
            try espalier("search", "blobs.yaml", "--seed", "3", "--trials", "2", "--out", "t", "--quiet").status == 0)
        #expect(try outcome(espalier, "t") != Array(outcome(espalier, "s")[..<2]))
        #expect(try espalier.text("t/config.yaml").contains("seed: 3"))
    }

    @Test(arguments: [
        (["missing.yaml"], "missing.yaml"),
        (["blobs.yaml", "--set", "search.ranges.training.lr={choice: [1, 2]}"], "training.lr"),
        (["blobs.yaml", "--set", "search.trials=0"], "--set search.trials"),
        (["blobs.yaml", "--trials", "0"], "--trials"),
        (["blobs.yaml", "--parallel", "0"], "--parallel"), ([], "needs a configuration"),
        (["--resume", "nowhere"], "nowhere"),
        (["--resume", "taken", "--out", "x"], "--out"), (["show", "nowhere"], "nowhere"), (["best", "taken"], "taken"),
        (["digits"], "nothing to search"), (["blobs.yaml", "--out", "taken"], "taken"),
    ])
    func aMistakeIsSaidAndNothingWritten(_ arguments: [String], _ what: String) throws {
        let espalier = try Command()
        try espalier.put(configuration, as: "blobs.yaml")
        try FileManager.default.createDirectory(atPath: espalier.path("taken"), withIntermediateDirectories: true)
        try espalier.put("", as: "taken/config.yaml")
        let outcome = try espalier.run(["search"] + arguments)
        #expect(outcome.status == 2 && outcome.errors.contains(what), "\(outcome.errors)")
        #expect(try espalier.names() == ["blobs.yaml", "taken"] && espalier.names(in: "taken") == ["config.yaml"])
    }

    /// Two processes on one study share its trials.
    @Test func processesShareAStudy() throws {
        let espalier = try Command()
        try espalier.put(configuration.replacing("trials: 6", with: "trials: 30"), as: "blobs.yaml")
        #expect(try espalier("search", "blobs.yaml", "--out", "alone", "--parallel", "1").status == 0)
        #expect(try espalier("search", "blobs.yaml", "--trials", "1", "--out", "shared").status == 0)
        let processes = try (0..<2).map { _ in
            try espalier.start(["search", "--resume", "shared", "--trials", "30", "--parallel", "2"])
        }
        let counts = try processes.map { process in
            let end = try process.finish()
            #expect(end.status == 0, "\(end.errors)")
            // Each ends when all are done, whoever has done them.
            #expect(end.output.contains("30 trials: 30 completed"))
            return end.output.split(separator: "\n").count { $0.hasPrefix("[") }
        }
        #expect(counts.reduce(0, +) == 29, "\(counts)")
        #expect(try outcome(espalier, "shared") == outcome(espalier, "alone"))
    }
}

/// Searches that are killed at random moments, and come to the same trials.
@Suite struct SearchKillTests {
    /// How many kills the search takes: `ESPALIER_KILLS`.
    private var kills: Int { Int(ProcessInfo.processInfo.environment["ESPALIER_KILLS"] ?? "") ?? 3 }

    @Test func aKilledSearchComesToTheSameTrials() throws {
        let espalier = try Command()
        // Fifty trials that take some tenths of a second all together, or seconds where more kills are to fit in.
        let epochs = 4 + 4 * kills
        let text = configuration.replacing("trials: 6", with: "trials: 50").replacing(
            "epochs: 4", with: "epochs: \(epochs)")
        try espalier.put(text, as: "blobs.yaml")
        let start = ContinuousClock.now
        #expect(try espalier("search", "blobs.yaml", "--out", "whole", "--quiet").status == 0)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let seed = Int(ProcessInfo.processInfo.environment["ESPALIER_SEED"] ?? "") ?? Int.random(in: 0...9999)
        print("search: ESPALIER_SEED=\(seed)")
        var random = RandomStream(seed: UInt64(seed), "kills")
        var killed = 0, begun = 0
        while true {
            let isThere = SystemFile.exists(espalier.path("study/config.yaml"))
            if !isThere { try? FileManager.default.removeItem(atPath: espalier.path("study")) }
            let arguments = isThere ? ["search", "--resume", "study"] : ["search", "blobs.yaml", "--out", "study"]
            let running = try espalier.start(arguments + ["--quiet"])
            begun += 1
            let isVictim = killed < kills
            if isVictim {
                // Early ones too: while the study is made.
                usleep(UInt32((random.uniform() < 0.2 ? 0.05 : 1.5 / Double(kills)) * random.uniform() * seconds * 1e6))
                if running.process.isRunning { kill(running.process.processIdentifier, SIGKILL) }
            }
            let end = try running.finish()
            if isVictim, end.status == SIGKILL {
                killed += 1
                continue
            }
            #expect(end.status == 0, "seed \(seed): \(end.errors)")
            break
        }
        let trials = try StudyStore(opening: espalier.path("study/study.sqlite")).trials()
        #expect(trials.map(\.number) == Array(0..<50) && trials.allSatisfy { $0.state == .completed })
        #expect(Set(trials.map { $0.coordinates }).count == 50)
        #expect(try outcome(espalier, "study") == outcome(espalier, "whole"), "seed \(seed)")
        let anew = trials.reduce(0) { $0 + $1.attempts - 1 }
        print("search: \(killed) kills of \(begun) processes, \(anew) trials begun anew, every one the same")
    }
}
