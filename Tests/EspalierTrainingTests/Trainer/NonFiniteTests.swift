import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Foundation
import Testing

@testable import EspalierTraining

/// Whose logarithm is not finite from zero on.
private final class Logarithm: Layer {
    var description: String { "Logarithm()" }
    func callAsFunction(_ x: Tensor) -> Tensor { x.log() }
}

/// sqrt(x^2): finite at zero, where its derivative is not.
private final class Root: Layer {
    var description: String { "Root()" }
    func callAsFunction(_ x: Tensor) -> Tensor { x.squared().sqrt() }
}

@Suite struct NonFiniteTests {
    /// A sample of all zeros at a place, among others that are not.
    private func data(zeroAt row: Int = 20) throws -> Dataset {
        let inputs = (0..<32 * 4).map { Float($0 / 4 == row ? 0 : 1 + Double($0 * 7 % 13)) }
        return try Dataset(
            name: "zeros", sampleShape: [4], inputs: inputs,
            targets: .classes((0..<32).map { Int32($0 % 3) }, names: ["a", "b", "c"]))
    }

    private func trainer(
        _ model: Sequential, optimizer: any Optimizer = Adam(), policy: NonFinitePolicy = .stop, limit: Int = 10,
        gradient: GradientSettings = GradientSettings(), averaging: Averaging = .none, epochs: Int = 1
    ) throws -> (Trainer, Recorder) {
        let trainer = try Trainer(
            model, loss: CrossEntropyLoss(), optimizer: optimizer, gradient: gradient, averaging: averaging,
            settings: TrainingSettings(
                epochs: epochs, batchSize: 8, seed: 3, nonFinite: policy, nonFiniteLimit: limit, rollBackFactor: 0.25),
            sampleShape: [4], engine: Engine(threads: 2))
        return (trainer, trainer.recorded())
    }

    private func forward() -> Sequential {
        Sequential {
            Logarithm()
            BatchNorm(4)
            Linear(4, 3)
        }
    }

    private func backward() -> Sequential {
        Sequential {
            Linear(4, 5, bias: false)
            Root()
            Linear(5, 3)
        }
    }

    private func records(_ recorder: Recorder) -> [NonFiniteRecord] {
        recorder.events.compactMap { if case .nonFinite(let record) = $0 { record } else { nil } }
    }

    @Test func theLayerAndTheOperationAreNamed() throws {
        let (first, told) = try trainer(forward())
        let result = try first.fit(data())
        #expect(result.status == .diverged)
        #expect(result.message.contains("layer 0, Logarithm(), in log"), "\(result.message)")
        #expect(result.message.hasSuffix("in step \(result.steps), epoch 1"))
        #expect(records(told).map(\.step) == [result.steps])
        let (second, _) = try trainer(backward())
        let message = try second.fit(data()).message
        #expect(message.contains("the gradient of 0.weight, in "), "\(message)")
        #expect(message.contains("the norm of the gradient is not finite"))
    }

    private static let kinds: [(optimizer: any Optimizer, gradient: GradientSettings, averaging: Averaging)] = [
        (Adam(), GradientSettings(), .none),
        (Momentum(), GradientSettings(accumulate: 2), .ema(ExponentialAverage(decay: 0.5))),
        (Muon(), GradientSettings(clipNorm: 1), .none), (RMSProp(), GradientSettings(clipValue: 0.5), .none),
    ]

    /// Whatever kind of state there is, a step that is not taken leaves it.
    @Test(arguments: kinds.indices) func nothingChanges(_ index: Int) throws {
        let kind = Self.kinds[index], data = try data()
        for model in [forward, backward] {
            let (trainer, _) = try trainer(
                model(), optimizer: kind.optimizer, policy: .skip, gradient: kind.gradient, averaging: kind.averaging)
            func state() throws -> [[UInt32]] {
                try trainer.takeSnapshot().buffers.map { buffer in
                    if case .floats(let values) = buffer.values { values.map(\.bitPattern) } else { [] }
                }
            }
            // The row of zeros is in the second step, and in the first of its batches where it has two.
            for (step, start) in [0, 16, 0].enumerated() {
                let before = try state()
                let batches = (0..<kind.gradient.accumulate).map { Array(start + $0 * 8..<start + $0 * 8 + 8)[...] }
                let fault = try trainer.takeStep(batches, of: data).fault
                #expect((fault != nil) == (step == 1))
                #expect(try (state() == before) == (step == 1))
                #expect(trainer.state.isFinite)
            }
        }
    }

    @Test func skippedStepsAreCounted() throws {
        let (trainer, recorder) = try trainer(forward(), policy: .skip, epochs: 3)
        let result = try trainer.fit(data())
        #expect(result.status == .completed && result.steps == 12)
        #expect(records(recorder).map(\.count) == [1, 2, 3])
        #expect(result.history.allSatisfy { $0.train.loss.isFinite })
        #expect(trainer.state.isFinite)
    }

    @Test func tooManyInARowEndTheTraining() throws {
        let data = try Dataset(
            name: "zeros", sampleShape: [4], inputs: [Float](repeating: 0, count: 32 * 4),
            targets: .classes((0..<32).map { Int32($0 % 3) }, names: ["a", "b", "c"]))
        let (trainer, recorder) = try trainer(forward(), policy: .skip, limit: 3, epochs: 3)
        let result = try trainer.fit(data)
        #expect(result.status == .diverged && result.steps == 3)
        #expect(result.message.hasPrefix("3 steps in a row could not be taken: the loss became "))
        #expect(records(recorder).count == 3)
    }

    @Test func rollingBackLowersTheRate() throws {
        let (trainer, recorder) = try trainer(
            TrainerTests.unbounded(), optimizer: SGD(learningRate: 1e20), policy: .rollBack, limit: 60, epochs: 4)
        let data = try Toy.blobs(48)
        let result = try trainer.fit(data)
        let count = records(recorder).count
        #expect(result.status == .completed && result.history.count == 4 && result.steps == 24)
        #expect(count > 3)
        #expect(abs(trainer.learningRate / (1e20 * pow(0.25, Double(count))) - 1) < 1e-9)
        #expect(try trainer.evaluate(data).loss.isFinite)
        let (limited, _) = try self.trainer(
            TrainerTests.unbounded(), optimizer: SGD(learningRate: 1e38), policy: .rollBack, limit: 2, epochs: 4)
        let ended = try limited.fit(data)
        #expect(ended.status == .diverged && ended.message.hasPrefix("after 2 roll-backs: "))
        #expect(limited.state.isFinite)
    }

    /// An update that makes what is not finite out of what is.
    @Test func anUpdateIsLookedAtToo() throws {
        struct Dividing: Optimizer {
            static let name = "dividing"
            static let summary = "Divides by its gradient"
            static let fields: [Field<Self>] = []
            var learningRate = 0.1
            var slots: [String] { [] }
            func update(
                _ w: Tensor, gradient g: Tensor, slots: [Tensor], learningRate lr: Tensor, step t: Tensor
            ) -> (parameter: Tensor, slots: [Tensor]) { (w - lr * g / (g * 0), []) }
        }
        let (trainer, _) = try trainer(TrainerTests.unbounded(), optimizer: Dividing())
        let before = trainer.state.snapshot()
        let result = try trainer.fit(Toy.blobs(48))
        #expect(result.status == .diverged && result.steps == 1)
        #expect(result.message.contains("in the update of 0.weight by dividing"))
        #expect(trainer.state.snapshot() == before)
    }

    @Test func aSearchStopsBeforeItMoves() throws {
        let (trainer, _) = try trainer(forward(), optimizer: LBFGS(), policy: .skip)
        let result = try trainer.fit(data())
        #expect(result.status == .completed)
        #expect(trainer.state.isFinite)
    }

    /// Its first look at the batch has changed the statistics already.
    @Test func aSearchThatLeadsNowhereChangesNothing() throws {
        let (trainer, _) = try trainer(Toy.model(), optimizer: LBFGS(learningRate: 1e45, maxIterations: 1))
        let before = trainer.state.snapshot()
        #expect(try trainer.takeStep([Array(0..<16)[...]], of: Toy.blobs(16)).fault == .refused)
        #expect(trainer.state.snapshot() == before)
    }

    @Test func theBestWeightsStay() throws {
        let trainer = try Toy.trainer(TrainerTests.unbounded(), optimizer: SGD(learningRate: 0.1), epochs: 6)
        let recorder = trainer.recorded()
        let data = try Toy.blobs(48)
        recorder.action = { event in
            if case .epoch(let record) = event, record.epoch == 3 { trainer.learningRate = 1e25 }
        }
        let result = try trainer.fit(data, validation: data)
        #expect(result.status == .diverged)
        #expect(result.best != nil)
        #expect(try trainer.evaluate(data).loss == result.best?.validation?.loss)
    }
}
