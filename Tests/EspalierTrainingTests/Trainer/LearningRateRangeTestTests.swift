import EspalierEngine
import EspalierNN
import EspalierSpec
import Foundation
import Testing

@testable import EspalierTraining

@Suite(.serialized) struct LearningRateRangeTestTests {
    /// Everything that a training goes on from.
    private func bytes(_ trainer: Trainer) -> [UInt32] {
        let state = trainer.state
        return state.parameters.storage.floats.map(\.bitPattern) + state.statistics.storage.floats.map(\.bitPattern)
            + state.key.integers.map(UInt32.init(bitPattern:))
            + trainer.plans.slots.flatMap { $0.floats.map(\.bitPattern) }
            + [UInt32(trainer.step)]
    }

    @Test func itLeavesModelAndTrainingAsTheyAre() throws {
        let data = try Toy.blobs(150, noise: 0.8)
        func trained(testing: Bool) throws -> [UInt32] {
            let trainer = try Toy.trainer(
                averaging: .ema(ExponentialAverage(decay: 0.9)), epochs: 2, doctor: DoctorSettings(probeEvery: 3))
            let recorder = trainer.recorded()
            for round in 0..<2 {
                if testing {
                    let before = bytes(trainer), traces = trainer.traces, events = recorder.events.count
                    let result = try LearningRateRangeTest(steps: 40).run(trainer, on: data)
                    #expect(result.points.count > 5)
                    #expect(bytes(trainer) == before && trainer.traces == traces && recorder.events.count == events)
                    #expect(trainer.state.mode == .inference)
                }
                if round == 0 { _ = try trainer.fit(data, validation: data) }
            }
            return bytes(trainer)
        }
        #expect(try trained(testing: true) == trained(testing: false))
    }

    /// A rate that it suggests learns; one far above does not.
    @Test func theSuggestionLearns() throws {
        let data = try Toy.blobs(240, noise: 0.8)
        func loss(_ rate: Double) throws -> Double {
            let trainer = try Toy.trainer(
                Toy.plainModel(), optimizer: SGD(learningRate: rate, momentum: 0.9), epochs: 3)
            return try trainer.fit(data).history.last?.train.loss ?? .nan
        }
        let trainer = try Toy.trainer(Toy.plainModel(), optimizer: SGD(learningRate: 0.1, momentum: 0.9))
        let result = try LearningRateRangeTest(to: 100).run(trainer, on: data)
        let suggestion = try #require(result.suggestion)
        #expect(suggestion < 10 && suggestion > 1e-4)
        #expect(result.steepest ?? 0 >= suggestion && result.beforeDivergence ?? 0 >= suggestion)
        #expect(result.points.count < 100, "it ends where the loss has risen")
        #expect(try loss(suggestion) < 0.6 * loss(suggestion / 1000))
        let rates = result.points.map(\.rate)
        #expect(abs(rates[1] / rates[0] - rates[5] / rates[4]) < 1e-9 && rates[0] == 1e-6)
    }

    /// What the first batch of a training scales is scaled for the test too, and afterwards as it was.
    @Test func firstWeightsAreThoseOfATraining() throws {
        func trainer() throws -> Trainer {
            try Toy.trainer(
                Sequential {
                    Linear(4, 16, initializer: LSUV())
                    Tanh()
                    Linear(16, 3, initializer: LSUV())
                })
        }
        let data = try Toy.blobs(48), tested = try trainer(), trained = try trainer()
        let before = tested.state.snapshot(), recorder = trained.recorded()
        let points = try LearningRateRangeTest(steps: 10).run(tested, on: data).points
        #expect(tested.state.snapshot() == before && tested.state.awaitsBatch)
        _ = try trained.fit(data)
        let losses = recorder.events.compactMap { event in
            if case .step(_, _, _, let loss, _) = event { loss } else { nil }
        }
        let first = try #require(losses.first)
        #expect(abs(points[0].loss - first) < 1e-6)
    }

    /// Whose parameters no step of the graph moves.
    @Test func aSearchIsRefused() throws {
        let trainer = try Toy.trainer(Toy.plainModel(), optimizer: LBFGS())
        let error = #expect(throws: EspalierError.self) { try LearningRateRangeTest().run(trainer, on: Toy.blobs(48)) }
        #expect(error?.what.hasPrefix("lbfgs moves by a search of its own") == true)
    }

    /// A curve with its steepest descent at 1e-2 and its lowest point at 1.
    @Test func steepestDescent() throws {
        let points = (0..<80).map { step -> LearningRateRangeTest.Result.Point in
            let x = -6 + Double(step) * 0.1
            let loss = 2 - 1 / (1 + exp(-3 * (x + 2))) + (x > 0 ? x * x : 0) - 0.01 * x
            return .init(rate: pow(10, x), loss: loss, smoothed: loss)
        }
        let result = LearningRateRangeTest.Result(points)
        #expect(abs((result.steepest ?? 0) / 1e-2 - 1) < 0.3)
        #expect(abs((result.beforeDivergence ?? 0) / 0.1 - 1) < 0.3)
        let rising = points.map { LearningRateRangeTest.Result.Point(rate: $0.rate, loss: 1, smoothed: 1 + $0.rate) }
        #expect(LearningRateRangeTest.Result(rising).suggestion == nil)
    }

    /// First batches that happen to be easier than the very first are no descent.
    @Test func noiseAtTheBeginning() throws {
        let points = (0..<90).map { step -> LearningRateRangeTest.Result.Point in
            let x = -6 + Double(step) * 0.07
            let noise = step < 3 ? 1 - Double(step) * 0.3 : 0.1
            let loss = 2 - 1 / (1 + exp(-3 * (x + 2))) + noise
            return .init(rate: pow(10, x), loss: loss, smoothed: loss)
        }
        let result = LearningRateRangeTest.Result(points)
        #expect(abs((result.steepest ?? 0) / 1e-2 - 1) < 0.3)
    }

    @Test func mistakes() throws {
        #expect(throws: EspalierError.self) { try LearningRateRangeTest(from: 0) }
        #expect(throws: EspalierError.self) { try LearningRateRangeTest(from: 1, to: 0.5) }
        #expect(throws: EspalierError.self) { try LearningRateRangeTest(steps: 3) }
        #expect(throws: EspalierError.self) { try LearningRateRangeTest(smoothing: 1) }
        let test = try LearningRateRangeTest()
        #expect(throws: EspalierError.self) { try test.run(Toy.trainer(), on: Toy.blobs(33)) }
        #expect(throws: EspalierError.self) { try test.run(Toy.trainer(), on: Toy.line(40)) }
    }
}
