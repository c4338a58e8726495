import EspalierGraph
import Testing

@testable import EspalierEngine

extension EngineTests {
    /// Equal elements, NaN, and windows that reach beyond the ends: worked out by hand, for reference and engine.
    @Suite struct PoolingTests {
        private static func check(_ tensor: Tensor, _ expected: [Float]) throws {
            let computed = [
                try Engine.current.evaluate([tensor])[0], Reference.evaluate([tensor])[0].values.map(Float.init),
            ]
            for values in computed {
                #expect(values.map { $0.isNaN ? -99 : $0 } == expected.map { $0.isNaN ? -99 : $0 })
            }
        }

        @Test func firstOfEqualsTakesTheDerivative() throws {
            let x = Tensor([2, 2, 1, 3, 3, 3, 0, 0] as [Float], [1, 1, 8])
            let y = x.maximumPooled(.sliding([4], stride: [2]))
            try Self.check(y, [3, 3, 3])
            try Self.check(
                Tensor.pullback([y], cotangents: [Tensor([1, 10, 100] as [Float], [1, 1, 3])], by: [x])[0],
                [0, 0, 0, 11, 100, 0, 0, 0])
        }

        @Test func firstNotANumberWins() throws {
            let x = Tensor([1, .nan, 5, .nan, 2, 7] as [Float], [1, 1, 6])
            let y = x.maximumPooled(.sliding([3]))
            try Self.check(y, [.nan, .nan])
            try Self.check(Tensor.pullback([y], cotangents: [.ones(y.shape)], by: [x])[0], [0, 1, 0, 1, 0, 0])
        }

        @Test func paddingNeverWins() throws {
            let x = Tensor([-5, -4, -3, -.infinity] as [Float], [1, 1, 4])
            try Self.check(x.maximumPooled(.sliding([2], padding: [1])), [-5, -3, -.infinity])
        }

        @Test func paddingCountsInAMeanIfItIsSaidTo() throws {
            let x = Tensor([2, 4, 6, 8, 10] as [Float], [1, 1, 5])
            let windows = { PoolingWindows.sliding([3], stride: [2], padding: [1], roundsUp: true, countsPadding: $0) }
            try Self.check(x.averagePooled(windows(true)), [2, 6, 6])
            try Self.check(x.averagePooled(windows(false)), [3, 6, 9])
        }

        @Test func windowsThatDoNotFitAreErrors() {
            for windows in [
                PoolingWindows.sliding([6]), .sliding([2], padding: [2]), .sliding([0]), .sliding([2], stride: [0]),
                .sliding([2, 2]), .adaptive([0]), .sliding([2], padding: [1], dilation: [6]),
            ] {
                #expect(throws: ShapeError.self) { try windows.axes(of: [5]) }
            }
        }
    }
}
