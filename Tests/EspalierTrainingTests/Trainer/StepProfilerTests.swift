import EspalierEngine
import EspalierNN
import Testing

@testable import EspalierTraining

/// A profile of a training shows its steps and changes nothing.
@Suite(.serialized) struct StepProfilerTests {
    private func weights(_ trainer: Trainer) -> [UInt32] { trainer.state.parameters.storage.floats.map(\.bitPattern) }

    @Test func theTrainingIsTheSame() throws {
        let data = try Toy.blobs(53)
        func trained(_ profiler: StepProfiler?) throws -> [UInt32] {
            let trainer = try Toy.trainer(doctor: DoctorSettings(probeEvery: 3))
            trainer.profiler = profiler
            _ = try trainer.fit(data, validation: data)
            return weights(trainer)
        }
        let profiler = StepProfiler(steps: 4, warmUp: 2)
        #expect(try trained(nil) == trained(profiler))
        let (profile, trace) = try #require(try profiler.profile(on: Engine(threads: 1)))
        #expect(profile.name == "train, batch of 16" && profile.steps == 4)
        #expect(trace.traceEvents.count == 2 + 4 * (1 + profile.kernels.count))
        // Forward and backward: x W0, h W1, their gradients by weights and by h.
        let products = profile.kernels.filter { $0.kind == "matrix product" }
        let operations = products.reduce(0) { $0 + $1.operations }
        let expected = 2 * 16 * (2 * 4 * 16 + 3 * 16 * 3), bias = 16 * 3
        #expect((expected...expected + bias).contains(operations))
        #expect(profile.kernels.contains { $0.results.contains { $0.hasSuffix(" in parameters") } })
    }

    @Test func aShortTrainingIsProfiledAllTheSame() throws {
        let trainer = try Toy.trainer(epochs: 1, batchSize: 16)
        trainer.profiler = StepProfiler(steps: 50, warmUp: 10)
        _ = try trainer.fit(Toy.blobs(48))
        #expect(try trainer.profiler?.profile(on: Engine(threads: 1))?.profile.steps == 2)
    }

    @Test func withoutAStepThereIsNone() throws {
        let trainer = try Toy.trainer(epochs: 1, batchSize: 16, doctor: DoctorSettings(probeEvery: 1))
        trainer.profiler = StepProfiler()
        _ = try trainer.fit(Toy.blobs(48))
        #expect(try trainer.profiler?.profile(on: Engine(threads: 1)) == nil)
    }

    /// Two trainings take turns, step by step, on engines with other numbers of threads; each does what it does alone.
    @Test(arguments: [(1, 3), (4, 2)]) func trainingsInTurnDoNotDisturbEachOther(threads: (Int, Int)) throws {
        let data = try Toy.blobs(240, noise: 0.8)
        // Wide enough that the products are shared among threads.
        func trainer(_ threads: Int, seed: Int) throws -> Trainer {
            try Toy.trainer(
                Sequential {
                    Linear(4, 96)
                    BatchNorm(96)
                    ReLU()
                    Dropout(p: 0.2)
                    Linear(96, 96)
                    ReLU()
                    Linear(96, 3)
                }, batchSize: 80, seed: seed, threads: threads)
        }
        func rows(_ step: Int) -> [Int] { (0..<80).map { ($0 * 7 + step * 13) % 240 } }
        func alone(_ threads: Int, seed: Int) throws -> [UInt32] {
            let trainer = try trainer(threads, seed: seed)
            for step in 0..<12 { try trainer.step(on: rows(step), of: data) }
            return weights(trainer)
        }
        let first = try trainer(threads.0, seed: 1), second = try trainer(threads.1, seed: 2)
        for step in 0..<12 {
            try first.step(on: rows(step), of: data)
            try second.step(on: rows(step), of: data)
        }
        #expect(try weights(first) == alone(threads.0, seed: 1))
        #expect(try weights(second) == alone(threads.1, seed: 2))
        #expect(weights(first) != weights(second))
    }
}
