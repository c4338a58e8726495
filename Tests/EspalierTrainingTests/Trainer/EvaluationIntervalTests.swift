import EspalierNN
import EspalierSpec
import Testing

@testable import EspalierTraining

/// `evaluateEvery: N`: measurements by steps, and what counts them.
@Suite struct EvaluationIntervalTests {
    @Test func measuresAfterEverySoManyStepsAndAtTheEnd() throws {
        // 4 steps an epoch.
        let trainer = try Toy.trainer(epochs: 3, evaluateEvery: .steps(5))
        let recorder = trainer.recorded()
        let result = try trainer.fit(Toy.blobs(64), validation: Toy.blobs(30, seed: 2))
        let told = recorder.names.filter { $0.hasPrefix("validation") || $0.hasPrefix("epoch") }
        #expect(told == ["epoch 1", "validation 5", "epoch 2", "validation 10", "epoch 3"])
        #expect(result.history.map { $0.validation == nil } == [true, false, false])
        // An epoch has its last measurement, the last one that of its end.
        let measured = recorder.events.compactMap { event in
            if case .validation(let record) = event { record } else { nil as EpochRecord? }
        }
        let fifth = try #require(measured.first), tenth = try #require(measured.last)
        #expect(result.history[1].validation == fifth.validation && fifth.step == 5 && fifth.epoch == 2)
        #expect(try trainer.evaluate(Toy.blobs(30, seed: 2)).loss == result.best?.validation?.loss)
        #expect(result.history[2].step == 12 && result.history[2].validation != tenth.validation)
    }

    /// The best weights are those of a measurement in the middle of an epoch, statistics included.
    @Test func theBestMeasurementIsRestored() throws {
        let validation = try Toy.chance(60, seed: 2)
        let trainer = try Toy.trainer(
            optimizer: Adam(learningRate: 0.05), epochs: 9, evaluateEvery: .steps(3),
            callbacks: [EarlyStopping(patience: 4)])
        let recorder = trainer.recorded()
        var snapshots: [Int: ModelState.Snapshot] = [:]
        recorder.action = { event in
            if case .validation(let record) = event { snapshots[record.step] = trainer.state.snapshot() }
        }
        let result = try trainer.fit(Toy.chance(64, seed: 1), validation: validation)
        let losses: [Double] = recorder.events.compactMap {
            if case .validation(let record) = $0 { record.monitoredLoss } else { nil }
        }
        let best = try #require(result.best), lowest = try #require(losses.min())
        #expect(best.monitoredLoss == lowest)
        #expect(trainer.state.snapshot() == snapshots[best.step])
        #expect(snapshots.values.filter { $0 == snapshots[best.step] }.count == 1)
        // Four validations without a better one, twelve steps, whatever epochs these are in.
        #expect(result.status == .stoppedEarly && result.steps == best.step + 12)
        #expect(result.message == "validation loss has not improved for 4 validations")
    }

    @Test func aScheduleThatFollowsTheLossCountsMeasurements() throws {
        let trainer = try Toy.trainer(
            optimizer: SGD(learningRate: 0.1), schedule: PerformanceSchedule(decayTo: 0.5, patience: 0),
            epochs: 3, evaluateEvery: .steps(2))
        let recorder = trainer.recorded()
        _ = try trainer.fit(Toy.chance(64, seed: 1), validation: Toy.chance(60, seed: 2))
        let losses: [Double] = recorder.events.compactMap {
            if case .validation(let record) = $0 { record.monitoredLoss } else { nil }
        }
        var follower = try #require(PerformanceSchedule(decayTo: 0.5, patience: 0).follow())
        var rates = [0.1, 0.1]
        for loss in losses.prefix(5) {
            follower.measured(loss: loss)
            rates += [0.1 * follower.factor, 0.1 * follower.factor]
        }
        #expect(recorder.rates == rates && Set(rates).count > 1)
    }

    /// What has ended is not measured any more.
    @Test func aStepThatEndsTheTrainingIsNotFollowedByAMeasurement() throws {
        let trainer = try Toy.trainer(epochs: 3, evaluateEvery: .steps(5))
        let recorder = trainer.recorded()
        recorder.action = { event in
            if case .step(4, _, _, _, _) = event { trainer.state.parameters.storage.floats.update(repeating: .nan) }
        }
        let result = try trainer.fit(Toy.blobs(64), validation: Toy.blobs(30, seed: 2))
        #expect(result.status == .diverged && result.steps == 5)
        #expect(!recorder.names.contains { $0.hasPrefix("validation") })
    }

    @Test func aTrainingWithoutValidationIsFollowedByItsEpochs() throws {
        let trainer = try Toy.trainer(
            optimizer: SGD(learningRate: 1e-9), epochs: 9, evaluateEvery: .steps(1),
            callbacks: [EarlyStopping(patience: 2, minDelta: 1)])
        let result = try trainer.fit(Toy.blobs(64))
        #expect(result.message == "training loss has not improved for 2 epochs" && result.history.count == 3)
    }

    @Test func readsEpochOrSteps() throws {
        func read(_ value: ConfigurationValue) throws -> EvaluationInterval {
            try EvaluationInterval(configuration: ConfigurationNode(value))
        }
        #expect(try read("epoch") == .epoch && read(500) == .steps(500))
        for interval in [EvaluationInterval.epoch, .steps(7)] { #expect(try read(interval.configuration) == interval) }
        for wrong: ConfigurationValue in [0, -3, 1.5, "step"] {
            #expect(throws: EspalierError.self) { try read(wrong) }
        }
    }
}
