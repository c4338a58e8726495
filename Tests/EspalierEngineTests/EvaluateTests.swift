import EspalierGraph
import Testing

@testable import EspalierEngine

@Suite struct EvaluateTests {
    @Test func arithmeticIsComputed() throws {
        let x = Tensor([1, 2, 3, 4, 5, 6] as [Float], [2, 3])
        let y = Tensor([10, 20, 30] as [Float], [3])
        #expect(try (x * 2 + y).values() == [12, 24, 36, 18, 30, 42])
        #expect(try x.sum(axes: [0]).values() == [5, 7, 9])
        #expect(try x.sum(axes: [1]).values() == [6, 15])
        #expect(try x.sum().item() == 21)
        #expect(try x.matmul(x, transposeSecond: true).values() == [14, 32, 32, 77])
        #expect(try x.transposed().values() == [1, 4, 2, 5, 3, 6])
        #expect(try x.padded(before: [0, 1], after: [1, 0]).values() == [0, 1, 2, 3, 0, 4, 5, 6, 0, 0, 0, 0])
        #expect(try Tensor.concatenate([x, x.relu()], axis: 1).values() == [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6])
    }

    @Test func updatesReplaceMemoryInPlace() throws {
        let weights = Storage(count: 4), momentum = Storage(count: 4)
        _ = weights.floats.update(fromContentsOf: [1, 2, 3, 4])
        let w = Tensor(weights, [4]), m = Tensor(momentum, [4])
        let loss = w.squared().sum()
        let gradient = loss.gradients(by: [w])[0]
        let newMomentum = m * 0.9 + gradient
        let computation = Computation(
            outputs: [loss], updates: [.init(w, w - newMomentum * 0.1), .init(m, newMomentum)])
        let executable = try Engine.current.compile(computation)
        print(executable.plan)
        try executable.run()
        #expect(executable.output(0)[0] == 30)
        #expect(Array(weights.floats) == [0.8, 1.6, 2.4, 3.2])
        try executable.run()
        #expect(abs(weights.floats[0] - 0.46) < 1e-6)
    }
}
