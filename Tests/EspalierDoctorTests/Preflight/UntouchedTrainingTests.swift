import Espalier
import Foundation
import Testing

@testable import EspalierDoctor

/// A training with a doctor has the same weights, to the byte, as one without.
struct UntouchedTrainingTests {
    private static let cases = [
        "model: [{linear: {units: 32}}, relu, {dropout: {p: 0.5}}, {linear: {units: auto}}]",
        "model: [{linear: {units: 32}}, batchNorm, relu, {linear: {units: auto}}]",
        "model: [{linear: {units: 32, initializer: lsuv}}, relu, {linear: {units: auto}}]",
        "model: [{reshape: {shape: [8, 8]}}, {lstm: {units: 16}}, {linear: {units: auto}}]",
        "model: [{linear: {units: 32}}, relu, {linear: {units: auto}}]\ngradient: {accumulate: 3, clipNorm: 0.5}",
        "model: [{linear: {units: 32}}, relu, {linear: {units: auto}}]\naveraging: {ema: {decay: 0.9}}",
        """
        model: [{linear: {units: 32}}, relu, {linear: {units: auto}}]
        groups: [{match: "0.*", frozen: true, unfreezeAt: 2}]
        schedule: {oneCycle: {}}
        """,
        "model: [{linear: {units: 16}}, tanh, {linear: {units: auto}}]\noptimizer: lbfgs",
    ]

    private func weights(_ configuration: String, doctor: String) throws -> [NamedArray] {
        let text = """
            data: {source: digits, limit: 200, split: {train: 0.7, validation: 0.3, test: none}, loader: {threads: 2}}
            \(configuration)
            training: {epochs: 3, batchSize: 32, seed: 5}
            doctor: \(doctor)
            """
        let folder = try TemporaryFolder()
        let run = try TrainingRun(
            try Experiment(configuration: try YAML.parse(text, file: "test.yaml")),
            in: { _ in try RunFolder.taking(folder.path + "/run") }, attendant: Doctor(), engine: Engine(threads: 2))
        #expect((run.diagnosis == nil) == (doctor == "off"))
        return try SafeTensors.read(run.folder.bestWeights).arrays
    }

    @Test(arguments: cases) func weightsAreThoseOfATrainingWithoutADoctor(_ configuration: String) throws {
        let alone = try weights(configuration, doctor: "off")
        #expect(try weights(configuration, doctor: "{probeEvery: 3}") == alone)
    }

    /// Everything that a later step depends on, also where the look ended in an error.
    @Test func aLookGivesBackWhatItBorrowed() throws {
        let text =
            "data: {source: digits, limit: 100}\nmodel: [{linear: {units: 8}}, batchNorm, {linear: {units: auto}}]"
        let prepared = try Experiment(configuration: try YAML.parse(text, file: "test.yaml")).prepare()
        let trainer = try prepared.makeTrainer(engine: Engine(threads: 1))
        let before = trainer.state.snapshot(), key = trainer.state.presentKey
        _ = try Preflight(prepared, trainer)
        #expect(trainer.state.snapshot() == before)
        #expect(trainer.state.presentKey.words == key.words)
        #expect(trainer.traces.isEmpty)
    }
}
