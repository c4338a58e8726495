import EspalierTestSupport
import Testing

@testable import EspalierGraph

/// Operations along an axis: by hand, and negative axes everywhere.
@Suite struct AxisTests {
    private static func values(_ tensor: Tensor) -> [Double] { Reference.evaluate([tensor])[0].values }
    private static let x = Tensor([3, 1, 2, 5, 4, 6] as [Float], [2, 3])

    @Test func runningSums() {
        #expect(Self.values(Self.x.cumulativeSum(axis: 1)) == [3, 4, 6, 5, 9, 15])
        #expect(Self.values(Self.x.cumulativeSum(axis: 0)) == [3, 1, 2, 8, 5, 8])
        #expect(Self.values(Self.x.cumulativeSum(axis: -1, reversed: true)) == [6, 3, 2, 15, 10, 6])
    }

    @Test func orders() {
        let sorted = Self.x.sorted()
        #expect(Self.values(sorted.values) == [1, 2, 3, 4, 5, 6] && Self.values(sorted.indices) == [1, 2, 0, 1, 0, 2])
        let top = Self.x.top(1, axis: 0)
        #expect(Self.values(top.values) == [5, 4, 6] && Self.values(top.indices) == [1, 1, 1])
        #expect(top.values.shape == [1, 3])
        #expect(Self.values(Self.x.argumentMinimum(axis: 0)) == [0, 0, 0])
        #expect(Self.values(Self.x.argumentMaximum(axis: 1)) == [0, 2])
        #expect(Self.x.top(0).values.shape == [2, 0])
    }

    /// The derivative goes to where the elements came from.
    @Test func derivativesFollowTheElements() {
        let weights = Tensor([10, 20, 30] as [Float], [3])
        let gradient = (Self.x.sorted(descending: true).values * weights).sum().gradients(by: [Self.x])[0]
        #expect(Self.values(gradient) == [10, 30, 20, 20, 30, 10])
        #expect(Self.values(Self.x.top(2).values.sum().gradients(by: [Self.x])[0]) == [1, 0, 1, 1, 0, 1])
        let twice = Tensor([1, 1, 0, 2] as [Int32], [2, 2])
        #expect(Self.values(Self.x.take(twice, axis: 1)) == [1, 1, 5, 6])
        #expect(Self.values(Self.x.take(twice, axis: 1).sum().gradients(by: [Self.x])[0]) == [0, 2, 0, 1, 0, 1])
    }

    @Test func negativeAxesCountFromTheEnd() {
        let x = Self.x
        #expect(x.slice(1..<3, axis: -1) == x.slice(1..<3, axis: 1))
        #expect(Tensor.concatenate([x, x], axis: -2) == .concatenate([x, x], axis: 0))
        #expect(Tensor.iota([2, 3], axis: -1) == .iota([2, 3], axis: 1))
        #expect(x.expanded(at: -1).shape == [2, 3, 1] && x.expanded(at: 0).flattened(from: -2).shape == [1, 6])
    }

    @Test func operandsThatDoNotFit() {
        let x = Tensor.input("x", [2, 3]), i = Tensor.input("i", [2, 4], .int32)
        func error(_ primitive: any Primitive, _ inputs: Tensor...) -> ShapeError? {
            do throws(ShapeError) { _ = try Tensor(applying: primitive, to: inputs) } catch { return error }
            return nil
        }
        #expect(error(CumulativeSum(axis: 2, isReversed: false), x) != nil)
        #expect(error(CumulativeSum(axis: 0, isReversed: false), i) != nil)
        #expect(error(ArgumentSort(isDescending: false, count: 4), x) != nil)
        #expect(error(ArgumentSort(isDescending: false, count: 1), i) != nil)
        #expect(error(TakeAlongAxis(axis: 0), x, i) != nil)
        #expect(error(TakeAlongAxis(axis: 1), x, x) != nil)
        #expect(error(TakeAlongAxis(axis: 1), x, i) == nil)
        #expect(error(AddAlongAxis(axis: 1, extent: 3), x, i) != nil)
    }

    /// 1 places a, 2 and so on: the same as doing it by hand on a small grid.
    @Test func interpolationByHand() {
        let x = Tensor([0, 10, 20] as [Float], [1, 1, 3])
        #expect(Self.values(x.interpolated(to: [6], mode: .nearest)) == [0, 0, 10, 10, 20, 20])
        #expect(Self.values(x.interpolated(to: [2], mode: .nearest)) == [0, 10])
        #expect(Self.values(x.interpolated(to: [6], mode: .linear)) == [0, 2.5, 7.5, 12.5, 17.5, 20])
        #expect(Self.values(x.interpolated(to: [5], mode: .linear, alignCorners: true)) == [0, 5, 10, 15, 20])
        #expect(x.interpolated(to: [3], mode: .linear) == x)
    }
}
