import EspalierSpec
import EspalierTraining
import Foundation
import Testing

/// Schedules, clipping, groups, averages and initial weights, as a configuration has them.
@Suite struct OptimizationCommandTests {
    private static let first = """
        data: {source: digits}
        model: [{linear: {units: 16}}, batchNorm, relu, {linear: {units: auto}}]
        schedule: {warmup: {steps: 10, then: {cosine: {decayTo: 0.1}}}}
        gradient: {clipNorm: 0.5, accumulate: 2}
        averaging: {ema: {decay: 0.9, refresh: true}}
        training: {epochs: 4, batchSize: 32, seed: 3}
        """
    private static let second = """
        data: {source: digits}
        model: [{linear: {units: 16}}, batchNorm, relu, {linear: {units: 24}}, relu, {linear: {units: auto}}]
        initialWeights: {file: first/best.safetensors, match: [0, 1]}
        groups: [{match: [0, 1], frozen: true, unfreezeAt: 3, rateFactor: 0.1}]
        averaging: {swa: {start: 3, rate: 0.5}}
        optimizer: {adam: {learningRate: 0.01}}
        training: {epochs: 4, seed: 3}
        """

    @Test func aTrainingAndAnotherThatGoesOnFromIt() throws {
        let espalier = try Command()
        try espalier.put(Self.first, as: "first.yaml")
        let outcome = try espalier("train", "first.yaml", "--out", "first")
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        #expect(outcome.output.contains("\nlearning rate 1.000e-05 ▁"))
        let share = try #require(try espalier.json("first/summary.json")["clippedShare"]?.doubleValue)
        #expect((0.01...1).contains(share))
        let log = try EventLog.read(espalier.path("first/events.jsonl"))
        let rates = try #require(log.events.first { $0["event"] == "start" }?["schedule"]?["rates"]).items.compactMap(
            \.doubleValue)
        #expect(rates.count == 80 && abs(rates[10] - 0.001) < 1e-12 && rates[79] < 1.1e-4)
        #expect(log.events.filter { $0["event"]?.text == "epoch" }.allSatisfy { $0["clippedShare"] != nil })
        let report = try espalier.text("first/report.html")
        #expect(report.contains("Clipped steps") && report.contains("Schedule"))

        try espalier.put(Self.second, as: "second.yaml")
        let next = try espalier("train", "second.yaml", "--out", "second", "--json")
        #expect(next.status == 0)
        #expect(try #require(next.json["test"]?["accuracy"]?.doubleValue) > 0.7)
        let reasons = try EventLog.read(espalier.path("second/events.jsonl")).events
            .compactMap { $0["reason"]?.text }
        #expect(reasons.contains("unfrozen: 0, 1"))
        // What is written runs again to the same bytes, from any folder.
        #expect(try espalier("train", "second/config.yaml", "--out", "again").status == 0)
        let weights = try ["second", "again"].map {
            try SafeTensors.read(espalier.path("\($0)/best.safetensors")).arrays
        }
        #expect(weights[0].map(\.floats) == weights[1].map(\.floats))
    }

    @Test func weightsThatAreNotThereAreAnErrorBeforeAnythingIsWritten() throws {
        let espalier = try Command()
        try espalier.put(Self.second, as: "second.yaml")
        let outcome = try espalier("train", "second.yaml", "--out", "run")
        #expect(outcome.status == 2 && outcome.errors.contains("first/best.safetensors"))
        #expect(!FileManager.default.fileExists(atPath: espalier.path("run")))
    }
}
