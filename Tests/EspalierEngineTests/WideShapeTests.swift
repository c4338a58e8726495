import EspalierGraph
import EspalierTestSupport
import Testing

@testable import EspalierEngine

extension EngineTests {
    /// More axes than a tile program walks, in orders in which none of them join.
    @Suite struct WideShapeTests {
        private static let axes = 11

        /// Values, and the reference's, of functions of x [2, 3, 2, 1, 2, ...] with its axes reversed.
        @Test(arguments: 0..<8) func anyNumberOfAxes(index: Int) throws {
            let shape = Shape((0..<Self.axes).map { [2, 3, 2, 1][$0 % 4] })
            let backward = Array((0..<Self.axes).reversed())
            let first = Tensor((0..<shape.count).map { Float($0 % 97) * 0.125 - 4 }, shape)
            let second = Tensor((0..<shape.count).map { Float($0 % 89) * 0.25 - 9 }, shape)
            let x = first.transposed(backward)
            let odd = shape.keeping((0..<Self.axes).filter { $0 % 2 == 1 })
            let stretched = second.sum(axes: (0..<Self.axes).filter { $0 % 2 == 1 }, keepDimensions: true)
            let functions: [() -> Tensor] = [
                { x * 2 }, { x.flattened() + 1 }, { x + second.transposed(backward) * x },
                { (x * x.abs()).sum(axes: [4, 5]) }, { x.sum(axes: [0, 3, 7]) },
                { stretched.broadcast(to: shape) * first.tanh() },
                { .concatenate([x, x * 2], axis: 5) },
                { x.padded(before: backward.map { $0 % 2 }, after: backward.map { _ in 1 }) },
            ]
            #expect(stretched.shape == odd)
            let y = functions[index]()
            let gradients = (y * y).sum().gradients(by: [first, second])
            let bound = RoundingBound([y] + gradients, repetitions: 1)
            for threads in [1, 4] {
                let computed = try Engine(threads: threads).evaluate([y] + gradients)
                for (index, values) in computed.enumerated() {
                    let problem = bound.disagreement(index, values.map(Double.init))
                    #expect(problem == nil, "\(problem ?? "")")
                }
            }
        }

        @Test func aStateTakesAWideValue() throws {
            let shape = Shape([Int](repeating: 2, count: Self.axes))
            let storage = Storage(count: shape.count)
            for index in 0..<shape.count { storage.floats[index] = Float(index) }
            let state = Tensor(storage, shape)
            let value = state.transposed(Array((0..<Self.axes).reversed()))
            let expected = Reference.evaluate([value])[0].values
            try Engine(threads: 1).compile(Computation(outputs: [], updates: [.init(state, value)])).run()
            #expect(storage.floats.map(Double.init) == expected)
        }
    }
}
