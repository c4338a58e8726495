import EspalierEngine
import EspalierGraph
import Testing

/// A gate decides whether an execution updates anything.
@Suite struct GateTests {
    private func values(_ storage: Storage) -> [Float] { Array(storage.floats) }

    /// Memory that is updated in place, memory that the gate itself depends on, and one written from both.
    @Test func nothingIsUpdatedWhereTheGateIsNotZero() throws {
        let w = Storage(count: 40), mean = Storage(count: 8), both = Storage(count: 8)
        let weights = Tensor(w, [40], name: "w"), statistic = Tensor(mean, [8], name: "mean")
        let sum = Tensor(both, [8], name: "both")
        let x = Tensor.input("x", [40])
        let next = 0.5 * statistic + 0.5 * x.slice(0..<8)
        let gate = ((weights * x).sum() + next.sum()) * 0
        let updated = weights - 0.1 * x
        let computation = Computation(
            inputs: [x], outputs: [(weights * x).sum(), gate],
            updates: [.init(weights, updated), .init(statistic, next), .init(sum, updated.slice(8..<16) + next)],
            gate: 1)
        for threads in [1, 3] {
            let executable = try Engine(threads: threads).compile(computation)
            w.floats.update(repeating: 1)
            mean.floats.update(repeating: 2)
            both.floats.update(repeating: 3)
            for bad in [Float.nan, .infinity, -.infinity] {
                executable.input(0).floats.update(repeating: 1)
                executable.input(0).floats[9] = bad
                try executable.run()
                #expect(executable.output(1)[0].isNaN && !executable.output(0)[0].isFinite)
                #expect(values(w) == [Float](repeating: 1, count: 40))
                #expect(values(mean) == [Float](repeating: 2, count: 8))
                #expect(values(both) == [Float](repeating: 3, count: 8))
            }
            executable.input(0).floats.update(repeating: 1)
            try executable.run()
            #expect(executable.output(0)[0] == 40 && executable.output(1)[0] == 0)
            #expect(values(w) == [Float](repeating: 0.9, count: 40))
            #expect(values(mean) == [Float](repeating: 1.5, count: 8))
            #expect(values(both) == [Float](repeating: 2.4, count: 8))
        }
    }

    /// An execution that its gate ended is no sample of how long the kernels take.
    @Test func anEndedExecutionHasNoTimes() throws {
        let w = Storage(count: 16), weights = Tensor(w, [16], name: "w"), x = Tensor.input("x", [16])
        let computation = Computation(
            inputs: [x], outputs: [x.sum() * 0], updates: [.init(weights, weights + x)], gate: 0)
        let executable = try Engine(threads: 1).compile(computation)
        var times = KernelTimes(executable, capacity: 2)
        executable.input(0).floats.update(repeating: .nan)
        try executable.run(timing: &times)
        #expect(times.executions == 0 && values(w) == [Float](repeating: 0, count: 16))
        executable.input(0).floats.update(repeating: 1)
        try executable.run(timing: &times)
        #expect(times.executions == 1 && values(w) == [Float](repeating: 1, count: 16))
    }
}
