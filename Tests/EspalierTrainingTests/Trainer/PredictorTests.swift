import CAllocationCounter
import EspalierEngine
import EspalierGraph
import EspalierNN
import Testing

@testable import EspalierTraining

/// A trained model that predicts batches of one size.
@Suite(.serialized) struct PredictorTests {
    private static func trained() throws -> Trainer {
        let trainer = try Toy.trainer(epochs: 2)
        _ = try trainer.fit(Toy.blobs(64))
        return trainer
    }

    private static func isClose(_ first: some Collection<Float>, _ second: some Collection<Float>) -> Bool {
        first.count == second.count && zip(first, second).allSatisfy { abs($0 - $1) < 1e-5 * max(1, abs($0)) }
    }

    @Test(arguments: [1, 5]) func itPredictsWhatTheTrainerDoes(batchSize: Int) throws {
        let trainer = try Self.trained()
        let data = try Toy.blobs(10, seed: 9)
        let expected = try trainer.predict(data.inputs)
        let predictor = try trainer.predictor(batchSize: batchSize)
        #expect(predictor.outputShape == Shape([batchSize, 3]))
        for start in stride(from: 0, to: data.count, by: batchSize) {
            let outputs = try predictor(Array(data.inputs[start * 4..<(start + batchSize) * 4]))
            #expect(Self.isClose(outputs, expected[start * 3..<(start + batchSize) * 3]))
        }
    }

    /// The toy's layers are two linear ones with normalisation, ReLU and dropout between them.
    @Test func normalizationAndDropoutAreNoKernelsOfTheirOwn() throws {
        let predictor = try Self.trained().predictor(batchSize: 3)
        #expect(predictor.plan.kernelCount == 2, "\(predictor.plan)")
    }

    @Test func trainingOnChangesNothing() throws {
        let trainer = try Self.trained()
        let data = try Toy.blobs(64)
        let predictor = try trainer.predictor(batchSize: 1)
        let sample = Array(data.inputs[0..<4])
        let before = try predictor(sample)
        try trainer.step(on: 0..<16, of: data)
        #expect(try predictor(sample) == before)
        #expect(try trainer.predictor(batchSize: 1)(sample) != before)
    }

    @Test(.enabled(if: allocation_counter_value() >= 0)) func aPredictionAllocatesNothing() throws {
        let predictor = try Self.trained().predictor(batchSize: 1)
        let sample: [Float] = [1, 2, 3, 4]
        func predict() throws {
            _ = predictor.inputs.update(fromContentsOf: sample)
            _ = try predictor.run()
        }
        for _ in 0..<3 { try predict() }
        let before = allocation_counter_value()
        for _ in 0..<50 { try predict() }
        #expect(allocation_counter_value() == before)
    }

    /// A convolutional model with normalisations, one of them behind a sum of two branches.
    @Test func convolutionalModels() throws {
        let model = Sequential {
            Conv2d(2, 4, kernelSize: 3, padding: 1)
            BatchNorm(4)
            ReLU()
            Residual {
                Conv2d(4, 4, kernelSize: 3, padding: 1, bias: false)
                BatchNorm(4)
            }
            BatchNorm(4)
            GlobalAvgPool()
            Linear(4, 3)
        }
        let state = try ModelState(model, seed: 4)
        var random = RandomStream(seed: 2, "statistics")
        for index in state.statistics.storage.floats.indices {
            state.statistics.storage.floats[index] = Float(0.5 + random.uniform())
        }
        let x = Tensor.input("x", [3, 2, 5, 5])
        state.mode = .inference
        let engine = Engine(threads: 2)
        let plain = try engine.compile(Computation(inputs: [x], outputs: [model(x)]))
        let samples = (0..<150).map { _ in Float(random.normal()) }
        _ = plain.input(0).floats.update(fromContentsOf: samples)
        try plain.run()
        let predictor = try Predictor(state, sampleShape: [2, 5, 5], batchSize: 3, engine: engine)
        #expect(Self.isClose(try predictor(samples), plain.output(0)))
        #expect(predictor.plan.operations < plain.plan.operations)
    }
}
