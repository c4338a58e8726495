import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import Testing

@testable import EspalierTraining

/// What becomes of a network of 100 layers under different starts, on 420 digits that it is to learn by heart.
///
/// With this seed SELU reaches 0.95, residual blocks 0.99 with batch normalisation and 1.00 without, small weights and
/// sigmoids 0.10 at any rate. Batch normalisation alone carries ReLUs through 25 layers (0.99), not through 100 (0.09), in
/// PyTorch as here: it makes gradients grow by a fifth in each layer, and different samples alike (Yang, Pennington, Rao,
/// Sohl-Dickstein and Schoenholz 2019, "A mean field theory of batch normalization").
@Suite(.serialized) struct DepthTests {
    static let width = 64

    /// Digits that a training sees.
    static func digits() throws -> Dataset {
        try experiment("data: {source: digits, limit: 600}").prepare().data.train
    }

    /// The share of the digits that a network of such hidden layers knows after a training.
    static func accuracy(
        depth: Int = 100, epochs: Int, learningRate: Double, batchSize: Int = 20, initializer: (any Initializer)? = nil,
        _ hidden: (_ inputs: Int) -> [any Layer]
    ) throws -> Double {
        let data = try digits()
        let layers = hidden(64) + (2..<depth).flatMap { _ in hidden(width) }
        let trainer = try Trainer(
            Sequential(layers + [Linear(width, 10, initializer: initializer)]), loss: CrossEntropyLoss(),
            metrics: [Accuracy()], optimizer: Adam(learningRate: learningRate),
            schedule: ExponentialSchedule(decayTo: 0.1, every: 1000),
            settings: TrainingSettings(epochs: epochs, batchSize: batchSize, seed: 3), sampleShape: [64],
            engine: Engine(threads: 1))
        _ = try trainer.fit(data)
        return try #require(trainer.evaluate(data)["accuracy"])
    }

    static func normalized(_ inputs: Int) -> [any Layer] {
        [Linear(inputs, width, bias: false), BatchNorm(width), ReLU()]
    }

    @Test func seluAndLeCunTrain() throws {
        let reached = try Self.accuracy(epochs: 60, learningRate: 1e-4) { [Linear($0, Self.width), SELU()] }
        #expect(reached > 0.85, "\(reached)")
    }

    @Test func heAndReLUAndBatchNormalizationTrainInResidualBlocks() throws {
        let reached = try Self.accuracy(epochs: 12, learningRate: 1e-3) { [Residual(Sequential(Self.normalized($0)))] }
        #expect(reached > 0.9, "\(reached)")
    }

    /// Shortcuts alone, around weights as small as those that stop the plain network.
    @Test func residualBlocksTrainUnderAnyWeights() throws {
        let reached = try Self.accuracy(epochs: 12, learningRate: 1e-3) { inputs in
            [Residual(Sequential([Linear(inputs, Self.width, initializer: Normal(std: 0.01)), ReLU()]))]
        }
        #expect(reached > 0.9, "\(reached)")
    }

    @Test func heAndReLUAndBatchNormalizationTrainTo25Layers() throws {
        let shallow = try Self.accuracy(
            depth: 25, epochs: 60, learningRate: 0.01, batchSize: 105, Self.normalized)
        #expect(shallow > 0.85, "\(shallow)")
        let deep = try Self.accuracy(epochs: 20, learningRate: 0.01, batchSize: 105, Self.normalized)
        #expect(deep < 0.25, "\(deep)")
    }

    /// A tenth is chance.
    @Test func smallWeightsAndSigmoidsDoNotTrain() throws {
        let small = Normal(std: 0.01)
        for rate in [1e-4, 1e-3, 1e-2] {
            let reached = try Self.accuracy(epochs: 12, learningRate: rate, initializer: small) {
                [Linear($0, Self.width, initializer: small), Sigmoid()]
            }
            #expect(reached < 0.2, "\(reached) at a rate of \(rate)")
        }
    }
}
