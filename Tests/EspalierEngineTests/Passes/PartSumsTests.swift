import EspalierGraph
import Testing

@testable import EspalierEngine

extension EngineTests {
    /// Sums of parts of a vector, alone and in the kernel that computes it.
    @Suite struct PartSumsTests {
        /// Parts that begin and end in tiles, at their borders, over several of them; some overlap, some are one element.
        private static let parts = [0..<1, 1..<17, 16..<512, 512..<1024, 500..<1500, 1600..<1601, 1601..<40_000]

        /// Whole numbers, so that sums are exact in any order.
        private static func values(_ count: Int) -> [Float] { (0..<count).map { Float(($0 * 7919) % 7 - 3) } }

        private static func storage(_ values: [Float]) -> Storage {
            let storage = Storage(count: values.count)
            _ = storage.floats.update(fromContentsOf: values)
            return storage
        }

        private static func sums(_ x: Tensor, _ parts: [Range<Int>]) -> Tensor {
            .concatenate(parts.map { x.slice($0).sum().reshaped(to: [1]) })
        }

        @Test(arguments: [(40_000, 7), (40_123, 7), (200, 2)], [1, 3])
        func partsAreSummedInOneKernel(_ size: (count: Int, parts: Int), threads: Int) throws {
            let values = Self.values(size.count), parts = Array(Self.parts.prefix(size.parts))
            let x = Tensor(Self.storage(values), [size.count])
            let computation = Computation(outputs: [
                Self.sums(x + 1, parts), Self.sums((x + 1).squared(), parts), (x + 1).sum(),
            ])
            let executable = try Engine(threads: threads).compile(computation)
            #expect(executable.plan.kernelCount == 1, "\(executable.plan)")
            for _ in 0..<2 {
                try executable.run()
                #expect(Array(executable.output(0)) == parts.map { values[$0].reduce(0) { $0 + $1 + 1 } })
                #expect(Array(executable.output(1)) == parts.map { values[$0].reduce(0) { $0 + ($1 + 1) * ($1 + 1) } })
                #expect(executable.output(2)[0] == values.reduce(0) { $0 + $1 + 1 })
            }
        }

        @Test func theReferenceSumsTheSame() throws {
            let x = Tensor.input("x", [30]), parts = [2..<9, 4..<30]
            let sums = Tensor(Node.applying(PartSums(parts: parts), to: [x.node]))
            let array = ReferenceArray([30], (0..<30).map { Double($0 * $0) })
            let weighted = (sums * Tensor([1, 10] as [Float], [2])).sum()
            let found = Reference.evaluate([sums, weighted.gradients(by: [x])[0]], [x: array])
            #expect(found[0].values == parts.map { array.values[$0].reduce(0, +) })
            #expect(found[1].values == (0..<30).map { (2..<9 ~= $0 ? 1 : 0) + (4..<30 ~= $0 ? 10 : 0) })
        }

        /// What a step was and what it changed is summed by the kernel that takes it.
        @Test(arguments: [1, 3]) func aChangeIsMeasuredWhereItIsMade(threads: Int) throws {
            let values = Self.values(5000), parts = [0..<700, 704..<5000]
            let memory = Self.storage(values), x = Tensor(memory, [5000])
            let after = x * 3 - 1
            func squares(_ x: Tensor) -> Tensor { Self.sums(x.squared(), parts) }
            let computation = Computation(
                outputs: [squares(x), squares(after - x), after.sum()], updates: [.init(x, after)])
            let executable = try Engine(threads: threads).compile(computation)
            #expect(executable.plan.kernelCount == 1 && executable.plan.placements.copied.isEmpty, "\(executable.plan)")
            var before = values
            for _ in 0..<2 {
                try executable.run()
                let next = before.map { $0 * 3 - 1 }
                #expect(Array(memory.floats) == next)
                #expect(Array(executable.output(0)) == parts.map { before[$0].reduce(0) { $0 + $1 * $1 } })
                let changes = zip(next, before).map(-)
                #expect(Array(executable.output(1)) == parts.map { changes[$0].reduce(0) { $0 + $1 * $1 } })
                #expect(executable.output(2)[0] == next.reduce(0, +))
                before = next
            }
        }

        /// What else a comparison needs would come between the two: then the new value is copied at the end.
        @Test func aChangeThatNeedsAnotherKernelIsMeasuredBefore() throws {
            let values = Self.values(1000), memory = Self.storage(values), x = Tensor(memory, [1000])
            let after = x * 3 - 1
            let scaled = (after - x) * after.sum()
            let executable = try Engine.current.compile(
                Computation(outputs: [scaled], updates: [.init(x, after)]))
            try executable.run()
            let next = values.map { $0 * 3 - 1 }, sum = next.reduce(0, +)
            #expect(Array(memory.floats) == next)
            #expect(Array(executable.output(0)) == zip(next, values).map { ($0 - $1) * sum })
            #expect(executable.plan.placements.copied == [0])
        }
    }
}
