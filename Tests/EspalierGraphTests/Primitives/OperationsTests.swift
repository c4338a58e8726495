import EspalierGraph
import EspalierTestSupport
import Testing

/// How much arithmetic the primitives say they are.
@Suite struct OperationsTests {
    @Test func aMatrixProductIsTwoForEachPairThatMeets() {
        let a = Tensor.input("a", [3, 4, 5]), b = Tensor.input("b", [3, 5, 6])
        let operations = 2 * 3 * 4 * 5 * 6
        #expect(a.matmul(b).node.operations == operations)
        let c = Tensor.input("c", [3, 5, 4]), d = Tensor.input("d", [3, 6, 5])
        let transposed = c.matmul(d, transposeFirst: true, transposeSecond: true)
        #expect(transposed.shape == [3, 4, 6] && transposed.node.operations == operations)
    }

    @Test func theThreeTensorsOfAConvolutionMeetAlike() {
        let x = Tensor.input("x", [2, 6, 9]), weight = Tensor.input("weight", [4, 3, 5])
        let y = x.convolved(with: weight, ConvolutionGeometry(rank: 1, before: [2], after: [2], groups: 2))
        let gradients = Tensor.pullback([y], cotangents: [Tensor.input("cotangent", y.shape)], by: [x, weight])
        let convolutions = Tensor.topologicalOrder(of: gradients.map(\.node) + [y.node]).filter { $0.operations > 0 }
        #expect(convolutions.map(\.operations) == [Int](repeating: 2 * (2 * 4 * 9) * (3 * 5), count: 3))
    }

    @Test func elementsAndReductions() {
        let x = Tensor.input("x", [7, 9])
        #expect((x * x).node.operations == 63 && x.exp().node.operations == 63)
        #expect(x.sum(axes: [0]).node.operations == 63 && x.sum().node.operations >= 63)
        #expect(x.softmax().node.operations == 5 * 63)
    }

    @Test func movingElementsIsNone() {
        let x = Tensor.input("x", [6, 4]), rows = Tensor.input("rows", [3], .int32)
        let moved = [
            x, x.transposed(), x.reshaped(to: [24]), x.slice(0..<2), x.padded(before: [1, 1], after: [0, 0]),
            Tensor.concatenate([x, x], axis: 0), x.gather(rows), Tensor.input("y", [4]).broadcast(to: [6, 4]),
            x.take(Tensor.input("places", [6, 2], .int32), axis: 1),
        ]
        #expect(moved.allSatisfy { $0.node.operations == 0 })
    }

    /// A composite is as much as the graph that it stands for.
    @Test func anExpansionIsTheSumOfItsParts() throws {
        let x = Tensor.input("x", [8, 3])
        let whole = x.standardized(axes: [0], eps: 1e-5)
        let expansion = (whole.node.primitive as? any Expandable)?.expanded([x])
        let parts = Tensor.topologicalOrder(of: [try #require(expansion).node])
        #expect(whole.node.operations == parts.reduce(0) { $0 + $1.operations })
        #expect(whole.node.operations > 2 * 24)
    }
}
