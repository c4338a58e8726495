import EspalierEngine
import EspalierNN
import EspalierSpec
import Testing

@testable import EspalierTraining

/// Schedules in a training.
@Suite(.serialized) struct SchedulingTests {
    /// Three epochs of ceil(50 / 16) steps.
    @Test func theTrainingsLengthIsTheSchedules() throws {
        let schedule = WarmupSchedule(steps: 3, from: 0.1, then: CosineSchedule())
        let trainer = try Toy.trainer(schedule: schedule, epochs: 3)
        let recorder = trainer.recorded()
        let result = try trainer.fit(Toy.blobs(50))
        #expect(recorder.rates == (0..<12).map { 0.01 * schedule.factor(at: $0, of: 12) })
        #expect(result.history.map(\.learningRate) == [3, 7, 11].map { recorder.rates[$0] })
        guard case .start(let start) = recorder.events[0] else { return }
        #expect(start.schedule.points.map(\.rate) == recorder.rates)
        #expect(start.schedule.points.map(\.step) == Array(0..<12))
        #expect(start.schedule.line.contains("▁▄▆█") && start.schedule.line.hasPrefix("learning rate 0.001"))
    }

    @Test func stepsOfALoopOfOnesOwn() throws {
        let trainer = try Toy.trainer(schedule: LinearSchedule(), epochs: 2)
        let data = try Toy.blobs(32)
        for _ in 0..<4 { try trainer.step(on: 0..<16, of: data) }
        #expect(trainer.plannedRates.points.map(\.rate) == [0.01, 0.0075, 0.005, 0.0025])
    }

    /// A validation set that tells nothing: its loss rises, and the rate falls once in every second epoch.
    @Test func performanceFollowsTheValidationLoss() throws {
        let trainer = try Toy.trainer(
            optimizer: Adam(learningRate: 0.05),
            schedule: WarmupSchedule(steps: 2, from: 0.5, then: PerformanceSchedule(decayTo: 0.5, patience: 1)),
            epochs: 12)
        let recorder = trainer.recorded()
        let result = try trainer.fit(Toy.chance(64, seed: 1), validation: Toy.chance(60, seed: 2))
        var follower = try #require(PerformanceSchedule(decayTo: 0.5, patience: 1).follow())
        let expected = result.history.map { record in
            defer { follower.measured(loss: record.validation?.loss ?? .nan) }
            return 0.05 * follower.factor
        }
        #expect(result.history.map(\.learningRate) == expected)
        #expect(Set(expected).count > 2)
        #expect(recorder.rates[0] == 0.025)
        guard case .start(let start) = recorder.events[0] else { return }
        #expect(start.schedule.followsLoss)
        // Another training begins at the whole rate.
        let again = try trainer.fit(Toy.chance(64, seed: 1), validation: Toy.chance(60, seed: 2))
        #expect(again.history[0].learningRate == 0.05)
    }

    @Test func aRateAtAllStepsIsOneNumber() throws {
        let trainer = try Toy.trainer(epochs: 1)
        #expect(trainer.plannedRates.line == "learning rate 0.01000")
    }
}
