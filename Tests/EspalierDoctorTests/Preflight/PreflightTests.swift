import Espalier
import Foundation
import Testing

@testable import EspalierDoctor

/// What the look at the first steps finds, and that it finds nothing where nothing is wrong.
struct PreflightTests {
    private static func findings(_ configuration: String, seed: Int) throws -> [Finding] {
        let node = try YAML.parse(configuration, file: "test.yaml").applying(overrides: ["training.seed=\(seed)"])
        let prepared = try Experiment(configuration: node).prepare()
        let trainer = try prepared.makeTrainer(engine: Engine(threads: 1))
        let preflight = try Preflight(prepared, trainer)
        return try Examination.preflightChecks.flatMap { try $0.findings(in: preflight) }
    }

    private static func circles(_ layers: [String]) -> String {
        let model = (layers + ["linear: {units: 1}", "sigmoid"]).map { "  - \($0)\n" }.joined()
        return """
            data:
              source: {circles: {samples: 1000, noise: 0.1, seed: 1}}
              split: {train: 700, validation: 300, test: none, shuffle: false}
              scale: none
            model:
            \(model)loss: binaryCrossEntropyOnProbabilities
            optimizer: {adam: {learningRate: 0.001}}
            training: {epochs: 300, batchSize: 128}
            """
    }

    private static func deep(_ count: Int, _ activation: String, _ initializer: String? = nil) -> String {
        let linear = "linear: {units: 5\(initializer.map { ", initializer: \($0)" } ?? "")}"
        return circles((0..<count).flatMap { _ in [linear, activation] })
    }

    private static func blobs(rate: Double) -> String {
        """
        data:
          source: {blobs: {samples: 1000, centers: 3, clusterStd: 2, seed: 2}}
          split: {train: 700, validation: 300, test: none, shuffle: false}
          scale: none
        model: [{linear: {units: 50}}, relu, {linear: {units: 3}}, softmax]
        loss: crossEntropyOnProbabilities
        optimizer: {adam: {learningRate: \(rate)}}
        training: {epochs: 200, batchSize: 256}
        """
    }

    private static func digits(_ model: String, _ rest: String = "") -> String {
        "data: {source: digits}\nmodel: [\(model)]\n\(rest)"
    }

    static let healthy: [String] = [
        deep(5, "tanh"), deep(8, "tanh"), blobs(rate: 0.001),
        digits("{linear: {units: 64}}, relu, {linear: {units: 128}}, relu, {linear: {units: auto}}"),
        digits(
            "{linear: {units: 256}}, batchNorm, relu, {dropout: {p: 0.3}}, {linear: {units: 128}}, batchNorm, relu, "
                + "{dropout: {p: 0.3}}, {linear: {units: auto}}"),
        digits("{reshape: {shape: [8, 8]}}, {lstm: {units: 32}}, {linear: {units: auto}}"),
        digits(
            "{linear: {units: 64}}, relu, {linear: {units: auto}}",
            "optimizer: {sgd: {learningRate: 0.1}}\nschedule: {warmup: {steps: 100, then: cosine}}"),
        """
        data: {source: diabetes, scale: standard, targetScale: standard}
        model: [{linear: {units: 32}}, relu, {linear: {units: 1}}]
        """,
    ]

    @Test(arguments: healthy, [1, 2, 3]) func aHealthyTrainingHearsNothing(_ configuration: String, seed: Int) throws {
        let findings = try Self.findings(configuration, seed: seed)
        #expect(findings.filter { $0.severity > .info }.map(\.symptom) == [])
    }

    @Test(
        arguments: [
            (deep(8, "sigmoid", "heUniform"), [.vanishingGradient, .poorInitialization]),
            (deep(12, "sigmoid", "heUniform"), [.vanishingGradient, .poorInitialization]),
            (deep(8, "relu", "{uniform: {low: -0.05, high: 0.05}}"), [.vanishingGradient, .dyingReLU]),
            (deep(8, "exponential", "heUniform"), [.explodingGradient]),
            (blobs(rate: 1), [.learningRateTooHigh]), (blobs(rate: 1e-5), [.learningRateTooLow]),
            (blobs(rate: 1e-7), [.learningRateTooLow]),
            (
                digits(
                    "{linear: {units: 64}}, relu, {linear: {units: auto}}", "initializer: {constant: {value: 0.01}}"),
                [.symmetricWeights]
            ),
            (
                """
                data: {source: digits, scale: unit}
                model:
                  - linear: {units: 64}
                  - batchNorm: {momentum: 0.0001}
                  - relu
                  - linear: {units: 64}
                  - batchNorm: {momentum: 0.0001}
                  - relu
                  - linear: {units: auto}
                """, [.trainEvalMismatch]
            ),
            (
                """
                data: {source: {regression: {samples: 1000, features: 20, noise: 0.1}}, scale: none}
                model: [{linear: {units: 25}}, relu, {linear: {units: 1}}]
                optimizer: {sgd: {learningRate: 0.01}}
                """, [.learningRateTooHigh]
            ),
        ] as [(String, [Symptom])], [1, 2])
    func whatIsWrongIsFound(_ found: (configuration: String, symptoms: [Symptom]), seed: Int) throws {
        let findings = try Self.findings(found.configuration, seed: seed)
        let diagnosis = Diagnosis(ordering: findings)
        let cause = try #require(diagnosis.findings.first { $0.severity > .info })
        #expect(found.symptoms.contains(cause.symptom))
        #expect(cause.evidence.count > 1 && cause.explanation.hasSuffix("."))
    }

    @Test func aRateToTryIsProposedWhereThePresentOneIsWrong() throws {
        let findings = try Self.findings(Self.blobs(rate: 1e-5), seed: 1)
        let found = try #require(findings.first { $0.symptom == .learningRateTooLow })
        let factor = try #require(found.remedies.first?.settings["factor"]?.doubleValue)
        #expect(factor > 10)
    }

    /// Small steps get there where there are enough of them.
    @Test func aSmallRateSufficesForManySteps() throws {
        let long = Self.blobs(rate: 1e-5).replacing("epochs: 200", with: "epochs: 200000")
        #expect(try !Self.findings(long, seed: 1).contains { $0.symptom == .learningRateTooLow })
    }

    /// Two looks at the same training see the same numbers.
    @Test func isDeterministic() throws {
        #expect(try Self.findings(Self.blobs(rate: 1), seed: 3) == Self.findings(Self.blobs(rate: 1), seed: 3))
    }

    /// A frozen part is not learned, and is not told to be at a standstill.
    @Test func frozenParametersAreExpectedToStay() throws {
        let configuration = Self.digits(
            "{linear: {units: 64}}, relu, {linear: {units: auto}}", "groups: [{match: \"0.*\", frozen: true}]")
        #expect(try Self.findings(configuration, seed: 1).allSatisfy { $0.symptom != .unchangedWeights })
    }
}
