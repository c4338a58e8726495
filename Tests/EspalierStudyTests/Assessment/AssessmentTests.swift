import EspalierData
import EspalierNN
import EspalierSpec
import EspalierTraining
import Foundation
import Testing

@testable import EspalierStudy

/// Assessments on tiny settings.
@Suite struct AssessmentTests {
    static func assessment(_ yaml: String, settings: String = "") throws -> Assessment {
        let folder = FileManager.default.temporaryDirectory.path + "/espalier-assessment-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = folder + "/config.yaml"
        let small =
            "assessment: {seeds: 2, fractions: [0.5, 1], widths: [0.5, 1, 2], bootstraps: 3, members: 2\(settings)}\n"
        try Data((yaml + small).utf8).write(to: URL(filePath: file))
        var assessment = try Assessment.read(file)
        assessment.workers = 2
        return assessment
    }

    private static let moons = """
        data: {source: {moons: {samples: 240, noise: 0.2}}}
        model: [{linear: {units: 8}}, relu, {dropout: {p: 0.1}}, {linear: {units: auto}}]
        optimizer: {adam: {learningRate: 0.02}}
        training: {epochs: 8, batchSize: 16, seed: 3}

        """

    @Test func everyPartIsThere() throws {
        var assessment = try Self.assessment(Self.moons)
        let result = try assessment.run()
        #expect(result.metric == "accuracy" && result.heldOut == "test" && result.choice == "validation")
        #expect(result.samples == 36 && result.model.rows == 168 && result.model.parameters == 42)
        #expect(result.model.heldOutValues.count == 2)
        #expect(result.baselines.map(\.name) == ["majority", "logistic regression", "nearest neighbours"])
        #expect(result.capacity.map(\.at) == [0.5, 1, 2])
        #expect(result.capacity.map(\.parameters) == [22, 42, 82])
        #expect(result.data.map(\.at) == [0.5, 1] && result.data.map(\.rows) == [84, 168])
        #expect(result.decomposition?.replicates == 3)
        #expect(
            result.ensembles.map(\.name) == [
                "mean member", "deep ensemble", "snapshot ensemble", "Monte-Carlo dropout",
            ])
        #expect(result.ensembles[0].gain.value == 0 && result.ensembles[0].score.value == result.model.heldOut.value)
        // Seeds are shared: 2 as it is, 4 of other widths, 2 of half the rows, 3 replicates, 1 with snapshots.
        #expect(result.trainings == 12 && result.failed == 0 && result.cutOff == nil)
        #expect(result.model.heldOut.value > 0.7)
        #expect(!result.verdict.sentences.isEmpty && result.verdict.sentences[0].measured != nil)
        // The same with another number of threads, to the last digit.
        assessment.workers = 1
        #expect(try assessment.run() == result)
        #expect(
            try JSON.parse(JSON.write(result.configuration))
                == JSON.parse(JSON.write(result.configuration, pretty: true)))
        #expect(result.text.contains("logistic regression") && result.text.contains("12 trainings"))
    }

    /// A straight line does not tell the moons apart as well as a network, nor does it on the training rows.
    @Test func linearModelOfWhatIsNotLinear() throws {
        let result = try Self.assessment(
            Self.moons.replacing(
                "model: [{linear: {units: 8}}, relu, {dropout: {p: 0.1}}, {linear: {units: auto}}]",
                with: "model: [{linear: {units: auto}}]")
        )
        .run()
        #expect(result.capacity.isEmpty && result.ensembles.map(\.name).last == "snapshot ensemble")
        #expect(!result.verdict.isBetter && result.verdict.fit != .justRight)
    }

    /// Of values, with noise that the source knows, and without a test set: a fifth of the training rows chooses.
    @Test func valuesWithKnownNoise() throws {
        let result = try Self.assessment(
            """
            data: {source: {polynomial: {samples: 200}}, split: {train: 0.75, validation: 0.25, test: none}}
            model: [{linear: {units: 8}}, tanh, {linear: {units: auto}}]
            optimizer: {adam: {learningRate: 0.02}}
            training: {epochs: 20, batchSize: 16}

            """
        ).run()
        #expect(result.metric == "r2" && result.heldOut == "validation" && result.samples == 50)
        #expect(result.choice == "a fifth of the training rows" && result.model.rows == 120)
        let parts = try #require(result.decomposition)
        #expect(abs(try #require(parts.noise) - 0.01) < 1e-12)
        #expect(abs(parts.bias.value + 0.01 + parts.variance.value - parts.error.value) < 1e-9)
        #expect(result.baselines.map(\.name) == ["mean", "ridge regression", "nearest neighbours"])
        #expect(result.ensembles.allSatisfy { $0.calibrationError == nil })
    }

    private func error(_ assessment: Assessment) throws -> EspalierError {
        try #require(throws: EspalierError.self) { try assessment.run() }
    }

    @Test func whatCannotBeAssessed() throws {
        let nothing = try Self.assessment(
            Self.moons.replacing(
                "noise: 0.2}}}", with: "noise: 0.2}}, split: {validation: none, test: none, train: 1.0}}"))
        #expect(try error(nothing).what.contains("nothing of moons is held out"))
        let late = try Self.assessment(Self.moons, settings: ", seconds: 1.0e-9")
        #expect(try error(late).what == "the assessment ended before the model was trained once")
        let wild = try Self.assessment(
            Self.moons.replacing("adam: {learningRate: 0.02}", with: "sgd: {learningRate: 1.0e+38}"))
        #expect(try error(wild).what.contains("diverges on every seed"))
    }

    @Test func textIsRefused() throws {
        let file = FileManager.default.temporaryDirectory.path + "/espalier-assessment-\(UUID().uuidString).txt"
        try Data(String(repeating: "so it goes. ", count: 100).utf8).write(to: URL(filePath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        let text = Assessment(Experiment(data: DataSettings(source: TextSource(path: file, length: 10))))
        let error = try error(text)
        #expect(error.what.contains("is text") && error.expected != nil && error.fix != nil)
    }

    @Test(arguments: [
        ("bootstraps: 2", "0, or a whole number from 3 to 1000"), ("members: 1", "0, or a whole number from 2 to 100"),
        ("fractions: [0]", "a list of up to 12 numbers above 0 and up to 1"),
        ("seeds: 0", "a whole number from 1 to 50"),
        ("widths: [-1]", "a list of up to 12 numbers above 0 and up to 64"),
    ])
    func settingsOutOfRange(setting: String, expected: String) throws {
        let error = try #require(throws: EspalierError.self) {
            try Assessment.read(
                "moons", overrides: ["assessment.\(setting.replacing(": ", with: "="))"])
        }
        #expect(error.expected == expected, "\(error)")
    }
}
