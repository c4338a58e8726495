import EspalierGraph
import Testing

@testable import EspalierEngine

/// Executables in one memory.
@Suite struct WorkspaceTests {
    /// Sums and products along chains that cannot be computed in one kernel.
    private static func chain(_ count: Int) -> Computation {
        let x = Tensor.input("x", [count, count])
        let first = (x.matmul(x) + 1).matmul(x), second = first.matmul(first.transposed())
        return Computation(inputs: [x], outputs: [second, first.sum(axes: [0]), (second - first).sum()])
    }

    private static func fill(_ executable: Executable, _ start: Int) {
        let input = executable.input(0).floats
        for index in input.indices { input[index] = Float((start + index * 7919) % 5 - 2) / 4 }
    }

    private static func results(_ executable: Executable) throws -> [[Float]] {
        try executable.run()
        return (0..<executable.outputCount).map { Array(executable.output($0)) }
    }

    /// The second is larger, so that the first has to set its addresses anew; the third finds room.
    @Test(arguments: [1, 3]) func eachComputesAsIfAlone(threads: Int) throws {
        let engine = Engine(threads: threads), workspace = Workspace(), sizes = [24, 65, 40]
        let shared = try sizes.map { try engine.compile(Self.chain($0), in: workspace) }
        let alone = try sizes.map { try engine.compile(Self.chain($0)) }
        for (start, index) in [0, 1, 0, 2, 1, 1, 0].enumerated() {
            Self.fill(shared[index], start)
            Self.fill(alone[index], start)
            #expect(try Self.results(shared[index]) == Self.results(alone[index]))
            let place = try UnsafeRawPointer(#require(shared[index].output(0).baseAddress))
            let arena = UnsafeRawPointer(workspace.arena.pointer)
            #expect((arena..<arena + workspace.arena.count * 4).contains(place))
        }
        let inputs = sizes.map { $0 * $0 * 4 }
        #expect(workspace.bytes == alone[1].bytes + inputs[0] + inputs[2])
    }

    /// Times are of the memory that there is now, and what decides about updates lies in it too.
    @Test func aGateAndTimesAreWhereTheMemoryIs() throws {
        let workspace = Workspace(), w = Storage(count: 16), weights = Tensor(w, [16], name: "w")
        let x = Tensor.input("x", [16])
        let first = try Engine(threads: 1).compile(
            Computation(inputs: [x], outputs: [x.sum() * 0], updates: [.init(weights, weights + x)], gate: 0),
            in: workspace)
        let other = try Engine(threads: 1).compile(Self.chain(50), in: workspace)
        Self.fill(other, 0)
        try other.run()
        var times = KernelTimes(first, capacity: 2)
        first.input(0).floats.update(repeating: .nan)
        try first.run(timing: &times)
        #expect(times.executions == 0 && Array(w.floats) == [Float](repeating: 0, count: 16))
        try other.run()
        first.input(0).floats.update(repeating: 1)
        try first.run()
        #expect(Array(w.floats) == [Float](repeating: 1, count: 16))
    }

    @Test func inputsOfOneNumberAndSizeAreOneMemory() throws {
        let engine = Engine(threads: 1), workspace = Workspace(), x = Tensor.input("x", [40])
        func plan(_ y: Tensor) throws -> Executable {
            try engine.compile(Computation(inputs: [x], outputs: [y]), in: workspace)
        }
        let sum = try plan(x.sum()), largest = try plan(x.max())
        sum.input(0).floats.update(repeating: 3)
        try sum.run()
        #expect(sum.output(0)[0] == 120)
        try largest.run()
        #expect(largest.output(0)[0] == 3)
    }

    @Test func nobodyReadsAnothersResults() async {
        await #expect(processExitsWith: .failure) {
            let workspace = Workspace(), engine = Engine(threads: 1), x = Tensor.input("x", [4])
            let plans = try (1...2).map {
                try engine.compile(Computation(inputs: [x], outputs: [x * Double($0)]), in: workspace)
            }
            for plan in plans { try plan.run() }
            _ = plans[0].output(0)
        }
    }
}
