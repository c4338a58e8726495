import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Testing

@testable import EspalierTraining

/// Samples with a class at every step.
@Suite(.serialized) struct SequenceTargetTests {
    /// Three steps a sample, each to be told by the sign of its number.
    private static func data(_ count: Int) throws -> Dataset {
        var random = RandomStream(seed: 3, "signs")
        let inputs = (0..<count * 3).map { _ in Float(random.normal()) }
        return try Dataset(
            name: "signs", sampleShape: [3, 1], inputs: inputs,
            targets: .classes(inputs.map { $0 > 0 ? 1 : 0 }, names: ["negative", "positive"]))
    }

    /// A linear map at each step.
    private final class PerStep: Layer {
        let linear = Linear(1, 2)
        func forward(_ x: Tensor) -> Tensor {
            linear(x.reshaped(to: [x.shape[0] * x.shape[1], 1])).reshaped(to: [x.shape[0], x.shape[1], 2])
        }
    }

    private static func trainer(targetShape: Shape) throws -> Trainer {
        try Trainer(
            PerStep(), loss: CrossEntropyLoss(), metrics: [Accuracy()], optimizer: Adam(learningRate: 0.1),
            settings: TrainingSettings(epochs: 20, batchSize: 10), sampleShape: [3, 1], targetShape: targetShape,
            engine: Engine(threads: 1))
    }

    @Test func everyStepIsLearned() throws {
        let trainer = try Self.trainer(targetShape: [3])
        let data = try Self.data(60)
        #expect(data.labelsPerSample == 3)
        _ = try trainer.fit(data)
        let accuracy = try #require(trainer.evaluate(data)["accuracy"])
        #expect(accuracy > 0.95)
    }

    @Test func partsAndBatchesKeepTheLabelsOfTheirSamples() throws {
        let data = try Self.data(6)
        guard case .classes(let all, _) = data.targets, case .classes(let part, _) = data[[4, 1]].targets else {
            Issue.record("classes became something else")
            return
        }
        let expected: [Int32] = Array(all[12..<15]) + Array(all[3..<6])
        #expect(part == expected)
        var inputs = [Float](repeating: 0, count: 6), labels = [Int32](repeating: -1, count: 6)
        try data.copyBatch([4, 1], inputs: &inputs, targets: &labels)
        #expect(labels == part)
    }

    @Test func aNumberOfLabelsThatTheModelWasNotMadeForIsAnError() throws {
        let trainer = try Self.trainer(targetShape: [])
        let error = #expect(throws: EspalierError.self) { try trainer.fit(Self.data(60)) }
        #expect(error?.description.contains("3 labels for each sample") == true)
    }
}
