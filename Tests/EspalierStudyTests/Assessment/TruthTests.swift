import EspalierData
import EspalierEngine
import EspalierNN
import EspalierTraining
import Foundation
import Testing

@testable import EspalierStudy

/// Scores of predictions are those of the metrics by the same names.
@Suite struct TruthTests {
    private static func trained(_ source: any DataSource, metrics: [any Metric]) throws -> (Trainer, PreparedExperiment)
    {
        var experiment = Experiment(
            data: DataSettings(source: source, targetScale: source is DiabetesSource ? .standard : nil))
        experiment.metrics = metrics
        experiment.training.epochs = 2
        experiment.doctor = .off
        let prepared = try experiment.prepare()
        let trainer = try prepared.makeTrainer(engine: Engine(threads: 1))
        _ = try trainer.fit(prepared.data.train)
        return (trainer, prepared)
    }

    @Test func ofClasses() throws {
        let (trainer, prepared) = try Self.trained(WineSource(), metrics: [Accuracy(), CalibrationError()])
        let data = try #require(prepared.data.test)
        let scores = try trainer.evaluate(data), said = try trainer.predictions(for: data)
        let truth = Truth(data, nil)
        #expect(truth.count == data.count && truth.width == 3)
        #expect(abs(truth.score(said)(nil) - (scores["accuracy"] ?? 0)) < 1e-6)
        let calibrationError = try #require(truth.calibrationError(said))
        #expect(abs(calibrationError(nil) - (scores["calibrationError"] ?? 0)) < 1e-5)
        #expect(abs(truth.negativeLogLikelihood(said, variances: [])(nil) - scores.loss) < 1e-5)
        // Weights of 2 and 0 are the samples that are left, twice.
        let weights = (0..<data.count).map { $0 % 2 == 0 ? 2.0 : 0 }
        let even = Array(stride(from: 0, to: data.count, by: 2)), part = Truth(data[even], nil)
        let partly = even.flatMap { said[$0 * 3..<($0 + 1) * 3] }
        #expect(
            abs(truth.score(said)(weights) * Double(data.count) / 2 - part.score(partly)(nil) * Double(even.count))
                < 1e-9)
    }

    /// In the targets' own unit, however they were scaled.
    @Test func ofValues() throws {
        let (trainer, prepared) = try Self.trained(
            DiabetesSource(), metrics: [RSquared(), MeanSquaredErrorMetric()])
        let data = try #require(prepared.data.test)
        let scores = try trainer.evaluate(data)
        var said = try trainer.predictions(for: data)
        prepared.targetScaler?.invert(&said)
        let truth = Truth(data, prepared.targetScaler)
        #expect(abs(truth.score(said)(nil) - (scores["r2"] ?? 0)) < 1e-5)
        let variance = truth.variances(said)
        #expect(abs(variance[0] / (scores["mse"] ?? 0) - 1) < 1e-4)
        #expect(truth.calibrationError(said) == nil)
        // At the variance of the errors themselves the mean is log(2 pi e s^2) / 2.
        let expected = (log(2 * .pi * variance[0]) + 1) / 2
        #expect(abs(truth.negativeLogLikelihood(said, variances: variance)(nil) - expected) < 1e-6)
        // Every sample twice is the same set.
        let twice = [Double](repeating: 2, count: data.count)
        #expect(abs(truth.score(said)(twice) - truth.score(said)(nil)) < 1e-9)
    }
}
