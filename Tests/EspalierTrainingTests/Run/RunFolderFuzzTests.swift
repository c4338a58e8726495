import EspalierEngine
import EspalierSpec
import EspalierTestSupport
import Foundation
import Testing

@testable import EspalierTraining

/// What reads the folder of a run: damaged files are read or refused with a place, never a crash.
@Suite(.serialized) struct RunFolderFuzzTests {
    private static func run(in folder: TemporaryFolder) throws -> TrainingRun {
        let path = try folder.put(
            """
            data: {source: digits, limit: 60}
            model: [{linear: {units: 3}}, batchNorm, relu, {linear: {units: auto}}]
            training: {epochs: 1, batchSize: 16}
            """, as: "c.yaml")
        return try TrainingRun(
            try Experiment.read(path), in: { _ in try RunFolder.taking(folder.file("run")) }, engine: Engine(threads: 1)
        )
    }

    /// What the weights say of their model, as JSON, with one value of it replaced or its text damaged.
    @Test func damagedDescriptionsOfAModel() throws {
        let folder = try TemporaryFolder()
        let run = try Self.run(in: folder).folder
        let whole = try SafeTensors.read(run.bestWeights)
        let description = try JSON.parse(try #require(whole.metadata["espalier"]))
        var random = RandomInput("descriptions"), read = 0, refused = 0
        for number in 0..<Fuzzing.count {
            let text =
                number % 2 == 0
                ? JSON.write(random.replaceOne(in: description))
                : String(
                    decoding: random.stream.damage(Array(JSON.write(description).utf8), with: "{}[]:,\"-0123456789eE"),
                    as: UTF8.self)
            var metadata = whole.metadata
            metadata["espalier"] = text
            try SafeTensors(whole.arrays, metadata: metadata).write(to: run.bestWeights)
            do {
                let model = try SavedModel(run, engine: Engine(threads: 1))
                read += 1
                _ = try model.predict([Float](repeating: 1, count: 64))
            } catch let error as EspalierError {
                refused += 1
                #expect(!error.what.isEmpty)
            }
        }
        #expect(read > Fuzzing.count / 50 && refused > Fuzzing.count / 50, "\(read) read, \(refused) refused")
    }

    /// Events as TensorBoard gets them: what can be told is, the rest is left out.
    @Test func damagedEventsForTensorBoard() throws {
        let folder = try TemporaryFolder()
        let run = RunFolder(path: folder.path)
        try folder.put("name: a\n", as: "config.yaml")
        let events: [ConfigurationValue] = [
            ["event": "step", "time": "2026-11-21T01:02:03.456Z", "step": 1, "loss": 0.5, "learningRate": 0.1],
            ["event": "epoch", "time": "2026-11-21T01:02:03.456Z", "step": 2, "train": ["loss": 1.5], "seconds": 2],
            ["event": "probe", "step": 2, "parameters": [["path": "0.weight", "gradientNorm": 3]]],
            ["event": "confusion", "step": 2, "set": "test", "matrix": [[3, 1], [2, 4]]],
        ]
        var random = RandomInput("events for others"), written = 0
        for number in 0..<Fuzzing.count {
            let lines = events.map { event in
                JSON.write(number % 2 == 0 ? random.replaceOne(in: event) : event)
            }
            let whole = Array(lines.joined(separator: "\n").utf8) + [0x0A]
            try folder.put(
                number % 2 == 0 ? whole : random.stream.damage(whole, with: "{}[]:,\"\\\n-0123456789.eE"),
                as: "events.jsonl")
            // Times differ, and with them the names of the files.
            try? FileManager.default.removeItem(atPath: folder.file("out"))
            do {
                _ = try TensorBoardLog.write(run, to: folder.file("out"))
                written += 1
            } catch let error as EspalierError {
                #expect(error.location?.isEmpty == false, "\(error)")
            }
        }
        #expect(written > Fuzzing.count / 2)
    }
}
