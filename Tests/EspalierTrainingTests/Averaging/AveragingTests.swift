import EspalierEngine
import EspalierNN
import EspalierSpec
import Testing

@testable import EspalierTraining

/// What is evaluated and kept is the average; what is trained is not.
@Suite(.serialized) struct AveragingTests {
    private func weights(_ trainer: Trainer) -> [Float] { Array(trainer.state.parameters.storage.floats) }

    private func trainer(
        _ averaging: Averaging, model: Sequential = Toy.model(), epochs: Int = 6,
        schedule: any Schedule = ConstantSchedule()
    ) throws -> Trainer {
        try Toy.trainer(model, schedule: schedule, averaging: averaging, epochs: epochs)
    }

    /// Losses of the steps are those of a training without an average.
    @Test(
        arguments: [
            .ema(ExponentialAverage(decay: 0.9)), .ema(ExponentialAverage(decay: 0.9, refresh: true)),
            .swa(StochasticWeightAverage(start: 2)),
        ] as [Averaging])
    func theTrainingGoesOnWithItsOwnWeights(_ averaging: Averaging) throws {
        let data = try Toy.blobs(48), other = try Toy.blobs(30, noise: 1, seed: 2)
        func losses(_ averaging: Averaging) throws -> (steps: [Double], validation: [Double]) {
            let trainer = try trainer(averaging)
            let recorder = trainer.recorded()
            let result = try trainer.fit(data, validation: other)
            #expect(try trainer.evaluate(other).loss == result.best?.validation?.loss)
            return (recorder.losses, result.history.compactMap { $0.validation?.loss })
        }
        let plain = try losses(.none), averaged = try losses(averaging)
        #expect(distance(averaged.steps, plain.steps) < 1e-6)
        #expect(distance(averaged.validation, plain.validation) > 1e-3)
    }

    /// Without validation the last averages stay: the plain mean of what the epochs from `start` on ended with.
    @Test func swaIsTheMeanOfEpochEnds() throws {
        let trainer = try trainer(.swa(StochasticWeightAverage(start: 3, every: 2)), epochs: 7)
        let recorder = trainer.recorded()
        var last: [Float] = [], ends: [[Float]] = []
        recorder.action = { event in
            switch event {
            case .step: last = weights(trainer)
            case .epoch(let record): if [3, 5, 7].contains(record.epoch) { ends.append(last) }
            default: break
            }
        }
        _ = try trainer.fit(Toy.blobs(48))
        let found = weights(trainer).map(Double.init)
        let mean = found.indices.map { index -> Double in
            let sum: Double = ends.reduce(0.0) { sum, end in sum + Double(end[index]) }
            return sum / 3
        }
        #expect(ends.count == 3)
        #expect(distance(found, mean) < 1e-6)
    }

    /// On one batch, the mean over batches is what that batch has.
    @Test func statisticsAreMeasuredForTheAverage() throws {
        let data = try Toy.blobs(16)
        let trainer = try trainer(.swa(StochasticWeightAverage(start: 1)), epochs: 5)
        _ = try trainer.fit(data)
        let w = try #require(trainer.state.parameters.values("0.weight"))
        let running = try #require(trainer.state.statistics.values("1.running_mean"))
        for unit in 0..<16 {
            var sum = 0.0
            for row in 0..<16 {
                for feature in 0..<4 { sum += Double(w[unit * 4 + feature]) * Double(data.inputs[row * 4 + feature]) }
            }
            #expect(abs(Double(running[unit]) - sum / 16) < 1e-5)
        }
    }

    @Test func aWarmDecayForgetsTheFirstWeights() throws {
        let data = try Toy.blobs(48)
        func loss(_ warmUp: Bool) throws -> Double {
            let average = ExponentialAverage(decay: 0.999, warmUp: warmUp)
            let trainer = try trainer(.ema(average), model: Toy.plainModel(), epochs: 30)
            _ = try trainer.fit(data)
            return try trainer.evaluate(data).loss
        }
        #expect(try loss(true) < 0.5 * loss(false))
    }

    @Test func ratesOfStochasticWeightAveraging() throws {
        let cosine = CosineSchedule()
        let constant = try trainer(.swa(StochasticWeightAverage(start: 3, rate: 0.5)), epochs: 5, schedule: cosine)
        let first = constant.recorded()
        _ = try constant.fit(Toy.blobs(32))
        let planned = (0..<4).map { 0.01 * cosine.factor(at: $0, of: 10) }
        #expect(first.rates == planned + [Double](repeating: 0.005, count: 6))
        let cyclic = try trainer(.swa(StochasticWeightAverage(start: 2, every: 2, rate: 1, rateTo: 0.2)), epochs: 4)
        let second = cyclic.recorded()
        _ = try cyclic.fit(Toy.blobs(32))
        // Cycles of four steps, the first of which ends with epoch 2.
        #expect(distance(second.rates, [0.01, 0.01, 0.004, 0.002, 0.008, 0.006, 0.004, 0.002]) < 1e-12)
    }

    @Test func divergenceLeavesNoTrace() throws {
        let trainer = try Toy.trainer(
            TrainerTests.unbounded(), optimizer: SGD(learningRate: 1e20),
            averaging: .ema(ExponentialAverage(decay: 0.5)), epochs: 5)
        #expect(try trainer.fit(Toy.blobs(48)).status == .diverged)
        trainer.learningRate = 1e-3
        #expect(try trainer.fit(Toy.blobs(48)).status == .completed)
        #expect(trainer.state.isFinite)
    }

    @Test func settings() throws {
        for value in [
            "ema", ["ema": ["decay": 0.9, "warmUp": true]], ["swa": ["start": 3, "rate": 0.5, "rateTo": 0.1]],
        ]
            as [ConfigurationValue]
        {
            let averaging = try Averaging(configuration: ConfigurationNode(value))
            #expect(try Averaging(configuration: ConfigurationNode(averaging.configuration)) == averaging)
        }
        #expect(try Averaging(configuration: ConfigurationNode(.null)) == Averaging.none)
        for wrong in [
            ["ema": ["decay": 1]], ["ema": ["decay": -0.1]], ["swa": ["start": 0]], ["swa": ["every": 0]],
            ["swa": ["rateTo": 0.1]], ["swa": ["rate": 0]], "eam",
        ] as [ConfigurationValue] {
            let error = #expect(throws: EspalierError.self) {
                try Averaging(configuration: ConfigurationNode(wrong))
            }
            #expect(error?.expected != nil)
        }
    }

    /// What does not change is its own average.
    @Test func frozenParametersAreTheirOwnAverage() throws {
        let trainer = try Toy.trainer(
            groups: [ParameterGroup(match: "0", frozen: true)], averaging: .ema(ExponentialAverage(decay: 0.9)))
        let first = Array(trainer.state.parameters.storage.floats)
        _ = try trainer.fit(Toy.blobs(48))
        let last = Array(trainer.state.parameters.storage.floats)
        for entry in trainer.state.parameters.entries {
            let range = entry.offset..<entry.offset + entry.shape.count
            #expect((first[range] == last[range]) == entry.path.hasPrefix("0."), "\(entry.path)")
        }
    }
}
