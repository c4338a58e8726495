import Testing

@testable import EspalierGraph

/// The reference evaluation against values worked out by hand.
@Suite struct MeaningTests {
    private static func values(_ tensor: Tensor) -> [Double] { Reference.evaluate([tensor])[0].values }
    private static let x = Tensor([1, 2, 3, 4, 5, 6] as [Float], [2, 3])

    @Test func shapes() {
        let x = Self.x
        #expect(Self.values(x.transposed()) == [1, 4, 2, 5, 3, 6])
        #expect(Self.values(x.slice(starts: [0, 0], counts: [2, 2], steps: [1, 2])) == [1, 3, 4, 6])
        let padded = x.slice(0..<1).padded(before: [1, 0], after: [0, 1], between: [0, 1], value: 9)
        #expect(Self.values(padded) == [9, 9, 9, 9, 9, 9, 1, 9, 2, 9, 3, 9])
        #expect(Self.values(.concatenate([x, x.slice(1..<3, axis: 1)], axis: 1)) == [1, 2, 3, 2, 3, 4, 5, 6, 5, 6])
        #expect(Self.values(x.gather(Tensor([2, 0] as [Int32], [2]), axis: 1)) == [3, 1, 6, 4])
        let twice = Tensor([1, 1] as [Int32], [2])
        let scattered = Tensor.pullback([x.gather(twice)], cotangents: [x], by: [x])[0]
        #expect(Self.values(scattered) == [0, 0, 0, 5, 7, 9])
        #expect(Self.values(.iota([2, 2], axis: 1)) == [0, 1, 0, 1])
        #expect(Self.values(x.matmul(x, transposeFirst: true)) == [17, 22, 27, 22, 29, 36, 27, 36, 45])
    }

    @Test func reductions() {
        let x = Self.x
        #expect(Self.values(x.sum(axes: [0])) == [5, 7, 9])
        #expect(Self.values(x.max(axes: [-1])) == [3, 6])
        #expect(Self.values(x.min()) == [1])
        #expect(Self.values(x.mean(axes: [1])) == [2, 5])
        #expect(Self.values(x.variance(axes: [0])) == [2.25, 2.25, 2.25])
        #expect(x.sum(axes: [1], keepDimensions: true).shape == [2, 1])
    }

    @Test func notANumberIsPassedOn() {
        let x = Tensor([1, .nan, 3] as [Float], [3]), y = Tensor([2, 2, .nan] as [Float], [3])
        #expect(Self.values(.maximum(x, y)).map(\.isNaN) == [false, true, true])
        #expect(Self.values(.minimum(x, y)).map(\.isNaN) == [false, true, true])
        #expect(Self.values(x.max())[0].isNaN && Self.values(x.min())[0].isNaN)
        #expect(Self.values(x.relu())[1].isNaN && Self.values(x.sign())[1].isNaN)
        #expect(Self.values(x.argumentMaximum()) == [1])
        #expect(Self.values(x .== x) == [1, 0, 1])
        #expect(Self.values(x.cast(to: .bool)) == [1, 1, 1])
    }

    @Test func zerosKeepTheirSign() {
        let negative = Tensor(-0.0)
        #expect(Self.values(negative)[0].sign == .minus)
        #expect(Self.values(1 / negative) == [-.infinity])
        #expect(Self.values(negative.sign())[0].sign == .minus)
        #expect(Self.values(negative .== 0) == [1])
        #expect(Self.values(Tensor([0.5, 1.5, -0.5, 2.5] as [Float], [4]).round()) == [0, 2, 0, 2])
        #expect(Self.values(Tensor([1.9, -1.9] as [Float], [2]).cast(to: .int32)) == [1, -1])
    }

    @Test func tiesShareTheDerivative() {
        let x = Tensor([3, 1, 3, 3] as [Float], [4]), y = Tensor([3, 2, 0, 3] as [Float], [4])
        let third = 1.0 / 3.0
        #expect(Self.values(x.max().gradients(by: [x])[0]) == [third, 0, third, third])
        #expect(Self.values(Tensor.maximum(x, y).sum().gradients(by: [x])[0]) == [0.5, 0, 1, 0.5])
        #expect(Self.values(Tensor.minimum(x, y).sum().gradients(by: [y])[0]) == [0.5, 0, 1, 0.5])
        #expect(Self.values(Tensor.maximum(x, x).sum().gradients(by: [x])[0]) == [1, 1, 1, 1])
    }

    @Test func derivativesAtTheEdges() {
        let zero = Tensor([0] as [Float], [1]), b = Tensor([0] as [Float], [1])
        #expect(Self.values(zero.power(b).sum().gradients(by: [zero])[0]) == [0])
        #expect(Self.values(zero.power(2).sum().gradients(by: [zero])[0]) == [0])
        #expect(Self.values(zero.relu().sum().gradients(by: [zero])[0]) == [0])
        #expect(Self.values(zero.abs().sum().gradients(by: [zero])[0]) == [0])
        #expect(Self.values(zero.stopGradient().sum().gradients(by: [zero])[0]) == [0])
        let logits = Tensor([1000, 0, -1000] as [Float], [1, 3]), label = Tensor([0] as [Int32], [1])
        #expect(Self.values(logits.crossEntropy(labels: label)) == [0])
        #expect(Self.values(logits.crossEntropy(labels: label).sum().gradients(by: [logits])[0]) == [0, 0, 0])
    }
}
