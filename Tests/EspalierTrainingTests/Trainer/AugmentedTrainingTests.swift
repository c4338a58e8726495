import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Testing

@testable import EspalierTraining

@Suite(.serialized) struct AugmentedTrainingTests {
    /// Trained on samples with `augmentations`: the losses, and the parameters afterwards.
    func train(
        _ augmentations: [any Augmentation], loss: any Loss = CrossEntropyLoss(), batchSize: Int = 16, threads: Int = 1
    ) throws -> (losses: [Double], parameters: [Float], trainer: Trainer) {
        let trainer = try Trainer(
            Toy.plainModel(), loss: loss, metrics: [Accuracy()], optimizer: Adam(learningRate: 0.02),
            settings: TrainingSettings(epochs: 20, batchSize: batchSize, seed: 3), sampleShape: [4],
            augmentations: augmentations, engine: Engine(threads: threads))
        let recorder = trainer.recorded()
        _ = try trainer.fit(Toy.blobs(60), validation: Toy.blobs(60, seed: 9))
        return (recorder.losses, Array(trainer.state.parameters.storage.floats), trainer)
    }

    @Test func mixedSamplesTrain() throws {
        for loss in [CrossEntropyLoss(labelSmoothing: 0.1), BinaryCrossEntropyLoss()] as [any Loss] {
            let (losses, _, trainer) = try train([MixUp(alpha: 0.4)], loss: loss)
            #expect(
                losses.allSatisfy { $0.isFinite } && losses.suffix(10).reduce(0, +) < losses.prefix(10).reduce(0, +))
            // Evaluated on whole labels.
            #expect(try #require(trainer.evaluate(Toy.blobs(60, seed: 9))["accuracy"]) > 0.9)
        }
    }

    @Test func theSameSeedMixesTheSame() throws {
        let augmentations: [any Augmentation] = [Noise(std: 0.2), MixUp(alpha: 0.4)]
        let first = try train(augmentations)
        let second = try train(augmentations, threads: 4)
        #expect(first.losses == second.losses && first.parameters == second.parameters)
        #expect(try train([]).losses != first.losses)
    }

    /// A sample is changed in the same way in whichever batch it stands.
    @Test func aSampleIsChangedByItsOwnKey() throws {
        let augmenter = Augmenter(augmentations: [Noise(std: 1)], seed: 4, sampleShape: [3])
        func changed(_ rows: [Int], epoch: Int) -> [[Float]] {
            var values = [Float](repeating: 0, count: rows.count * 3)
            return rows.indices.map { position in
                values.withUnsafeMutableBufferPointer { values in
                    let sample = UnsafeMutableBufferPointer(rebasing: values[position * 3..<position * 3 + 3])
                    augmenter.augment(sample, rows[position], epoch: epoch)
                    return Array(sample)
                }
            }
        }
        #expect(changed([5, 9, 2], epoch: 1)[1] == changed([9], epoch: 1)[0])
        #expect(changed([9], epoch: 2) != changed([9], epoch: 1))
    }

    /// A step on a mixture is a step on the share-weighted losses of its two labels.
    @Test func targetsAreMixedAsInputsAre() throws {
        let augmenter = Augmenter(augmentations: [MixUp(alpha: 1)], seed: 4, sampleShape: [2])
        var isMixed = false
        for step in 1...5 {
            // The inputs are the targets, so they stay so.
            var inputs: [Float] = [1, 0, 0, 1, 1, 0, 0, 1], targets = inputs
            inputs.withUnsafeMutableBufferPointer { inputs in
                targets.withUnsafeMutableBufferPointer { targets in
                    augmenter.mix(inputs, targets: targets, count: 4, step: step)
                }
            }
            #expect(zip(inputs, targets).allSatisfy { abs($0 - $1) < 1e-6 })
            #expect(stride(from: 0, to: 8, by: 2).allSatisfy { abs(targets[$0] + targets[$0 + 1] - 1) < 1e-6 })
            isMixed = isMixed || targets.contains { $0 > 0 && $0 < 1 }
        }
        #expect(isMixed)
    }

    @Test func configurations() throws {
        func prepare(_ text: String) throws -> PreparedExperiment {
            try Experiment(configuration: YAML.parse(text, file: "test.yaml")).prepare()
        }
        let good = try prepare(
            """
            data: {source: digits}
            augment: [{mixUp: {alpha: 0.2}}, noise]
            model: [{linear: {units: auto}}]
            """)
        #expect(good.experiment.augment.count == 2)
        #expect(try Experiment(configuration: ConfigurationNode(good.configuration)) == good.experiment)
        let wrong = [
            "augment: [horizontalFlip]", "augment: [mixUp]\nloss: hinge", "augment: mixUp",
            "augment: [{mixUp: {beta: 1}}]",
        ]
        for line in wrong {
            let error = #expect(throws: EspalierError.self, "\(line)") {
                _ = try prepare("data: {source: digits}\nmodel: [{linear: {units: auto}}]\n\(line)")
            }
            #expect(error?.location?.hasPrefix("test.yaml:3") == true, "\(String(describing: error))")
        }
    }

    @Test func lossesOnData() throws {
        func prepare(_ rest: String) throws -> PreparedExperiment {
            try Experiment(configuration: YAML.parse("data: {source: digits}\n\(rest)", file: "test.yaml")).prepare()
        }
        let wrong = [
            "loss: {crossEntropy: {classWeights: [1, 2]}}", "loss: {crossEntropy: {ignoredIndex: 10}}",
            "loss: {focal: {alpha: 0.25}}", "loss: mse",
        ]
        for line in wrong {
            let error = #expect(throws: EspalierError.self, "\(line)") { _ = try prepare(line) }
            #expect(error?.location == "test.yaml:2:7", "\(String(describing: error))")
        }
        #expect(try prepare("loss: binaryCrossEntropy").experiment.loss is BinaryCrossEntropyLoss)
    }
}
