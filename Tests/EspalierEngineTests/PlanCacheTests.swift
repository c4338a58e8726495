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

        /// The allocator is asked nothing by the thread that executes: kernels, oneDNN and the waking of the team
        /// included. With one thread that is all there is; other threads of the team are not counted.
        @Test(arguments: [1, 2])
        func executionAllocatesNothing(threads: Int) throws {
            let weights = Storage(count: 300 * 200), slot = Storage(count: 300 * 200), keys = Storage(count: 2)
            let w = Tensor(weights, [300, 200]), m = Tensor(slot, [300, 200]), key = Tensor(keys, [2], .int32)
            let x = Tensor.input("x", [64, 300]), labels = Tensor.input("labels", [64], .int32)
            let mask = Tensor.randomUniform([64, 300], key: key) .< 0.5
            let logits = Tensor.select(mask, x, 0).matmul(w) + Tensor([Float](repeating: 0, count: 200), [200])
            let loss = logits.crossEntropy(labels: labels).mean()
            let momentum = m * 0.9 + loss.gradients(by: [w])[0]
            let updates: [Computation.Update] = [
                .init(w, w - momentum * 0.1), .init(m, momentum), .init(key, key + Tensor([1, 0] as [Int32], [2])),
            ]
            let executable = try Engine(threads: threads).compile(
                Computation(inputs: [x, labels], outputs: [loss], updates: updates))
            for _ in 0..<3 { try executable.run() }
            let before = allocation_counter_value()
            try #require(before >= 0)
            for _ in 0..<50 { try executable.run() }
            let after = allocation_counter_value()
            #expect(after == before)
            // The counter does count.
            withExtendedLifetime(Storage(count: 100)) {}
            #expect(allocation_counter_value() > after)
        }
    }
}
