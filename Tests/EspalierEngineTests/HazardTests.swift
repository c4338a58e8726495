import EspalierGraph
import Testing

@testable import EspalierEngine

extension EngineTests {
    /// Memory that is overwritten while others still want what it held.
    @Suite struct HazardTests {
        private static func storage(_ values: [Float]) -> Storage {
            let storage = Storage(count: values.count)
            _ = storage.floats.update(fromContentsOf: values)
            return storage
        }

        @discardableResult
        private static func run(_ computation: Computation) throws -> Executable {
            let executable = try Engine.current.compile(computation)
            try executable.run()
            return executable
        }

        @Test func statesAreExchanged() throws {
            let a = Self.storage([1, 2]), b = Self.storage([3, 4])
            let x = Tensor(a, [2]), y = Tensor(b, [2])
            let executable = try Self.run(.init(outputs: [], updates: [.init(x, y), .init(y, x)]))
            #expect(Array(a.floats) == [3, 4] && Array(b.floats) == [1, 2])
            try executable.run()
            #expect(Array(a.floats) == [1, 2] && Array(b.floats) == [3, 4])
        }

        @Test func halvesAreExchanged() throws {
            let a = Self.storage([1, 2, 3, 4])
            let x = Tensor(a, [4])
            let value = Tensor.concatenate([x.slice(2..<4) * 2, x.slice(0..<2) * 10])
            try Self.run(.init(outputs: [], updates: [.init(x, value)]))
            #expect(Array(a.floats) == [6, 8, 10, 20])
        }

        @Test func oldValueIsReducedBeforeItIsReplaced() throws {
            let a = Self.storage(.init(repeating: 1, count: 1000))
            let x = Tensor(a, [1000])
            let executable = try Self.run(.init(outputs: [x.sum(), x], updates: [.init(x, x * 2 + x.sum())]))
            #expect(executable.output(0)[0] == 1000)
            #expect(executable.output(1).allSatisfy { $0 == 1 })
            #expect(a.floats.allSatisfy { $0 == 1002 })
        }

        /// The product, its bias and its ReLU are one kernel otherwise; here that would write over its own operand.
        @Test func productOfAStateReplacesIt() throws {
            let a = Self.storage([1, 2, 3, 4])
            let x = Tensor(a, [2, 2]), bias = Tensor([0.5, -100] as [Float], [2])
            try Self.run(.init(outputs: [], updates: [.init(x, (x.matmul(x) + bias).relu())]))
            #expect(Array(a.floats) == [7.5, 0, 15.5, 0])
        }

        @Test func biasIsNotTakenFromBehindARecomputedNode() throws {
            let x = Tensor([1, 0, 0, 1] as [Float], [2, 2]), bias = Tensor([-1, -2] as [Float], [2])
            let size = bias.broadcast(to: [2, 2]).abs()
            let product = x.matmul(x)
            let values = try Engine.current.evaluate([product + size, size * 3 - x])
            #expect(values[0] == [2, 2, 1, 3])
        }

        @Test func keyIsReplacedAfterItsLastDraw() throws {
            let keys = Storage(count: 2)
            keys.integers[0] = 5
            let key = Tensor(keys, [2], .int32)
            let uniform = Tensor.randomUniform([2], key: key)
            let drawn = uniform.cast(to: .int32) + key + 1
            let expected = Reference.evaluate([uniform])[0].values
            let executable = try Self.run(.init(outputs: [uniform], updates: [.init(key, drawn)]))
            #expect(executable.output(0).map(Double.init) == expected)
            #expect(Array(keys.integers) == [6, 1])
        }

        @Test func stridedOperandIsNotWrittenTo() throws {
            let row = (0..<600).map { Float($0) / 600 }
            let x = Tensor(row, [600]), y = Tensor.full([40, 600], 1) * Tensor([2] as [Float], [1])
            let value = (x.broadcast(to: [40, 600]) + y).tanh().squared().sum()
            _ = try value.item()
            #expect(try (x + 0).values() == row)
            #expect(abs(Double(try value.item()) - Reference.evaluate([value])[0].values[0]) < 0.1)
        }

        @Test func oneValueReplacesTwoStates() throws {
            let a = Self.storage([1, 2]), b = Self.storage([3, 4])
            let x = Tensor(a, [2]), y = Tensor(b, [2])
            try Self.run(.init(outputs: [], updates: [.init(x, x + y), .init(y, x + y)]))
            #expect(Array(a.floats) == [4, 6] && Array(b.floats) == [4, 6])
        }

        @Test func manyOperandsFitIntoPrograms() throws {
            let leaves = (0..<300).map { Tensor([Float($0), 1] as [Float], [2]) }
            #expect(try leaves.reduce(Tensor.zeros([2]), +).values() == [44850, 300])
            let chosen = leaves.reduce(Tensor.zeros([2])) { .select($1 .> 250, $1 * $1, $0) }
            #expect(try chosen.values() == [299 * 299, 0])
        }
    }
}
