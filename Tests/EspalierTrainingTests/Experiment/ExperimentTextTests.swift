import EspalierData
import EspalierEngine
import EspalierNN
import EspalierSpec
import Testing

@testable import EspalierTraining

/// Trainings on text: what is decided, what is refused, and that a model of a text can write it.
@Suite(.serialized) struct ExperimentTextTests {
    private static let model =
        "model: [{embedding: {units: 8, vocabulary: auto}}, {lstm: {units: 24, returnSequences: true}}, {linear: {units: auto}}]\n"

    private static func text(_ folder: TemporaryFolder) throws -> String {
        try folder.put(String(repeating: "ab c\n", count: 400), as: "rhyme.txt")
    }

    @Test func aPathIsEnough() throws {
        let folder = try TemporaryFolder()
        let prepared = try Experiment.read(try Self.text(folder)).prepare()
        #expect(prepared.data.train.sampleShape == [100] && prepared.targetShape == [100])
        #expect(prepared.classNames == ["\\n", " ", "a", "b", "c"])
        #expect(prepared.experiment.data.scale == .none && prepared.experiment.data.split.shuffle == false)
        #expect(prepared.data.train.inputs.prefix(6) == [2, 3, 1, 4, 0, 2])
        #expect(prepared.model.layers.first is Embedding && prepared.model.layers.count == 3)
        let source = try #require(prepared.experiment.data.source as? TextSource)
        #expect(source.vocabulary == "\n abc")
        let again = try experiment(prepared.experiment.yaml).prepare()
        #expect(again.configuration == prepared.configuration && again.data.train == prepared.data.train)
    }

    @Test(arguments: [
        ("scale: standard", model, "c.yaml:1:", "scale is standard", "scale: none"),
        (
            "scale: none", model + "augment: [{noise: {std: 1}}]\n", "c.yaml:3:", "noise changes numbers",
            "leave augment out"
        ),
        (
            "scale: none", "model: [{linear: {units: 5}}]\n", "c.yaml:2:", "linear takes the numbers of symbols",
            "embedding"
        ),
        (
            "scale: none", model.replacing("auto}}, {lstm", with: "4}}, {lstm"), "c.yaml:2:",
            "the embedding has 4 vectors, and rhyme has 5 symbols", "vocabulary: auto"
        ),
        (
            "scale: none", model.replacing(", returnSequences: true", with: ""), "c.yaml:2:",
            "rhyme has 5 classes at each of 10 steps", "returnSequences: true"
        ),
        (
            "scale: none", model.replacing("{units: auto}}]", with: "{units: 6}}]"), "c.yaml:2:",
            "the model ends with [10, 6] per sample", "units: auto"
        ),
    ])
    func whatCannotBeIsSaidAtItsPlace(_ data: String, _ rest: String, _ place: String, _ what: String, _ fix: String)
        throws
    {
        let folder = try TemporaryFolder()
        let source = "{text: {path: \(try Self.text(folder)), length: 10}}"
        let path = try folder.put("data: {source: \(source), \(data)}\n\(rest)", as: "c.yaml")
        let error = #expect(throws: EspalierError.self) { try Experiment.read(path).prepare() }
        #expect(error?.location?.contains(place) == true, "\(error?.location ?? "")")
        #expect(error?.what.contains(what) == true, "\(error?.what ?? "")")
        #expect(error?.fix?.contains(fix) == true, "\(error?.fix ?? "")")
    }

    /// Also of numbers that are no text: standardised, they would be looked up where nothing is.
    @Test func anEmbeddingTakesNumbersAsTheyAre() throws {
        let model = "model: [{embedding: {units: 2, vocabulary: 17}}, flatten, {linear: {units: auto}}]"
        let error = #expect(throws: EspalierError.self) { try experiment("data: {source: digits}\n\(model)").prepare() }
        #expect(error?.what.contains("the embedding takes the numbers of symbols") == true && error?.fix != nil)
        _ = try experiment("data: {source: digits, scale: none}\n\(model)").prepare()
    }

    @Test func aRhymeIsLearnedMeasuredAndWritten() throws {
        let folder = try TemporaryFolder()
        let source = "{text: {path: \(try Self.text(folder)), length: 10}}"
        let path = try folder.put(
            "data: {source: \(source)}\n\(Self.model)optimizer: {adam: {learningRate: 0.02}}\ntraining: {epochs: 20, batchSize: 16}\n",
            as: "c.yaml")
        let engine = Engine(threads: 2)
        let run = try TrainingRun(
            try Experiment.read(path), in: { _ in try RunFolder.taking(folder.file("run")) }, engine: engine)
        // The first symbol of a sample can stand anywhere in the rhyme only where two are alike, and none are.
        #expect((run.summary.test?["accuracy"] ?? 0) > 0.99)

        let model = try SavedModel(run.folder, engine: engine)
        #expect(try model.continuation(of: "c\na", count: 12, temperature: 0.1) == "b c\nab c\nab ")
        #expect(try model.continuation(of: String(repeating: "ab c\n", count: 5), count: 3, temperature: 0.1) == "ab ")
        let free = try (0..<20).map { try model.continuation(of: "a", count: 8, temperature: 50, seed: $0) }
        let again = try model.continuation(of: "a", count: 8, temperature: 50, seed: 3)
        #expect(Set(free).count > 10 && free[3] == again)
        #expect(throws: EspalierError.self) { try model.continuation(of: "xyz", count: 1) }
        #expect(throws: EspalierError.self) { try model.continuation(of: "", count: 1) }
        #expect(throws: EspalierError.self) { try model.continuation(of: "a", count: 1, temperature: 0) }

        // Another text, with some of the symbols alone, is read with the numbers of the first.
        let other = try folder.put("b c\nb c\nb c\n", as: "other.txt")
        let scores = try model.evaluation(on: other).scores
        #expect((scores["accuracy"] ?? 1) < 0.9 && (scores["accuracy"] ?? 0) > 0.5)
        #expect(try model.predictionTable(for: other).rows.count == 10)
        let parts = try model.evaluations()
        #expect(parts.map(\.name) == ["train", "validation", "test"])
        #expect(parts.last?.scores["accuracy"] == run.summary.test?["accuracy"])
    }
}
