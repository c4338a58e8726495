import EspalierGraph
import Testing

@testable import EspalierEngine

extension EngineTests {
    /// What is kept is bounded.
    @Suite struct CacheLimitTests {
        @Test func theLeastRecentlyUsedGoesFirst() {
            var cache = RecentlyUsed<Int, String>(limit: 2)
            cache[1] = "one"
            cache[2] = "two"
            #expect(cache[1] == "one")
            cache[3] = "three"
            #expect(cache[2] == nil)
            #expect(cache[1] == "one" && cache[3] == "three")
            cache[1] = nil
            #expect(cache.keys == [3] && cache.values == ["three"])
        }

        @Test func evaluationsAreForgotten() throws {
            let engine = Engine(threads: 1)
            func evaluate(_ count: Int) throws {
                _ = try engine.evaluate([Tensor([Float](repeating: 1, count: count), [count]).exp()])
            }
            for count in 1...Engine.evaluationLimit + 1 { try evaluate(count) }
            let made = engine.compilationCount
            try evaluate(Engine.evaluationLimit + 1)
            try evaluate(2)
            #expect(engine.compilationCount == made)
            try evaluate(1)
            #expect(engine.compilationCount == made + 1)
        }
    }

    /// Memory under more than one name.
    @Suite struct SharedMemoryTests {
        private static func message(_ computation: Computation) -> String {
            do { _ = try Engine.current.compile(computation) } catch { return "\(error)" }
            return ""
        }

        @Test func twoUpdatesOfOneTargetAreRefused() {
            let x = Tensor(Storage(count: 2), [2], name: "weights")
            let message = Self.message(.init(outputs: [], updates: [.init(x, x + 1), .init(x, x * 2)]))
            #expect(message.hasPrefix("two updates replace the memory of"))
            #expect(message.contains("weights"))
        }

        @Test func twoLeavesOverUpdatedMemoryAreRefused() throws {
            let storage = Storage(count: 2)
            let x = Tensor(storage, [2], name: "first"), y = Tensor(storage, [2, 1], name: "second")
            let message = Self.message(.init(outputs: [y * 2], updates: [.init(x, x + 1)]))
            #expect(message.hasPrefix("second and first, which is updated, are two leaves over one memory"))
            // Where nothing is updated, there is nothing to get wrong.
            #expect(try (x + y.flattened()).values() == [0, 0])
        }
    }
}
