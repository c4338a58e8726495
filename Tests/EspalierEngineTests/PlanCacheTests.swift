import CAllocationCounter
import EspalierGraph
import Testing

@testable import EspalierEngine

extension EngineTests {
    /// What is compiled once, and what an execution costs besides its kernels.
    @Suite struct PlanCacheTests {
        @Test func equalStructureIsCompiledOnce() throws {
            let engine = Engine(threads: 1)
            func norm(_ count: Int, _ value: Float) throws -> Float {
                let x = Tensor([Float](repeating: value, count: count), [count])
                return try engine.evaluate([(x * x).sum()])[0][0]
            }
            #expect(try norm(4, 1) == 4 && norm(4, 2) == 16 && norm(4, 3) == 36)
            #expect(engine.compilationCount == 1)
            #expect(try norm(5, 1) == 5)
            #expect(engine.compilationCount == 2)
            _ = try norm(4, 5)
            #expect(engine.compilationCount == 2)
        }

        @Test func oneLeafTwiceIsNotTwoLeaves() throws {
            let engine = Engine(threads: 1)
            let x = Tensor([1, 2] as [Float], [2]), y = Tensor([5, 5] as [Float], [2])
            #expect(try engine.evaluate([x - x])[0] == [0, 0])
            #expect(try engine.evaluate([x - y])[0] == [-4, -3])
            #expect(engine.compilationCount == 2)
        }

        @Test func constantsThatAreNoNumbersAreCompiledOnce() throws {
            let engine = Engine(threads: 1)
            for _ in 0..<3 { _ = try engine.evaluate([Tensor([1] as [Float], [1]) + Tensor(.nan)]) }
            #expect(engine.compilationCount == 1)
        }

        @Test func planKeepsNoData() throws {
            let engine = Engine(threads: 1)
            weak var kept: Storage?
            try {
                let storage = Storage(count: 4)
                kept = storage
                _ = try engine.evaluate([Tensor(storage, [4]) + 1])
            }()
            #expect(kept == nil)
        }

        /// A training step asks the allocator for nothing.
        ///
        /// That is on the thread that executes, the waking of the team included. With one thread that is all there is;
        /// other threads are not counted.
        @Test(.enabled(if: allocation_counter_value() >= 0), arguments: [1, 2])
        func executionAllocatesNothing(threads: Int) throws {
            let x = Tensor.input("x", [64, 300]), labels = Tensor.input("labels", [64], .int32)
            let weights = Tensor(Storage(count: 300 * 200), [300, 200])
            let step = Self.step(inputs: [x, labels], weights) { $0.matmul(weights) }
            let executable = try Engine(threads: threads).compile(step)
            let allocations = try Self.allocations(executable, runs: 50)
            #expect(allocations == 0)
            // The counter does count.
            let before = allocation_counter_value()
            withExtendedLifetime(Storage(count: 100)) {}
            #expect(allocation_counter_value() > before)
        }

        /// Dropout, a layer, cross-entropy, momentum, and a new key.
        private static func step(inputs: [Tensor], _ weights: Tensor, _ layer: (Tensor) -> Tensor) -> Computation {
            let key = Tensor(Storage(count: 2), [2], .int32)
            let slot = Tensor(Storage(count: weights.count), weights.shape)
            let mask = Tensor.randomUniform(inputs[0].shape, key: key) .< 0.5
            let loss = layer(.select(mask, inputs[0], 0)).crossEntropy(labels: inputs[1]).mean()
            let momentum = slot * 0.9 + loss.gradients(by: [weights])[0]
            return Computation(
                inputs: inputs, outputs: [loss],
                updates: [
                    .init(weights, weights - momentum * 0.1), .init(slot, momentum),
                    .init(key, key + Tensor([1, 0] as [Int32], [2])),
                ])
        }

        private static func allocations(_ executable: Executable, runs: Int) throws -> Int64 {
            for _ in 0..<3 { try executable.run() }
            let before = allocation_counter_value()
            for _ in 0..<runs { try executable.run() }
            return allocation_counter_value() - before
        }
    }
}
