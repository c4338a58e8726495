import EspalierData
import EspalierEngine
import Foundation
import Testing

@testable import EspalierTraining

/// The configuration that a newcomer meets first keeps its promise: 0.97 of the digits that it never saw.
@Suite(.serialized) struct DigitsTests {
    static let configuration = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../Configurations/digits.yaml").standardized.path

    /// The test accuracy of one training.
    static func accuracy(seed: Int) throws -> Double {
        let prepared = try Experiment.read(configuration, overrides: ["training.seed=\(seed)"]).prepare()
        let experiment = prepared.experiment
        let trainer = try Trainer(
            prepared.model, loss: prepared.loss, metrics: prepared.metrics, optimizer: experiment.optimizer,
            schedule: experiment.schedule, penalty: experiment.regularization, settings: experiment.training,
            callbacks: experiment.callbacks, sampleShape: [64], engine: Engine(threads: 1))
        _ = try trainer.fit(prepared.data.train, validation: prepared.data.validation)
        let test = try #require(prepared.data.test)
        return try #require(trainer.evaluate(test)["accuracy"])
    }

    @Test func fiveSeeds() throws {
        let accuracies = try (0..<5).map { try Self.accuracy(seed: $0) }
        let mean = accuracies.reduce(0, +) / 5
        #expect(mean >= 0.97, "\(accuracies)")
    }
}
