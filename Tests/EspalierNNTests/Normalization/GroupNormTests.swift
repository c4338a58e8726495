import EspalierEngine
import EspalierGraph
import Testing

@testable import EspalierNN

/// How the normalisations by sample contain one another.
@Suite(.serialized) struct GroupNormTests {
    static let x = Tensor((0..<120).map { Float($0 * $0 % 17) - 5 }, [2, 6, 5, 2])

    private static func close(_ first: Tensor, _ second: Tensor) -> Bool {
        let values = Reference.evaluate([first, second])
        return zip(values[0].values, values[1].values).allSatisfy { abs($0 - $1) < 1e-12 }
    }

    /// One group: mean and variance over all of a sample, as layer normalisation over (C, ...) has it.
    @Test func oneGroupIsLayerNormalization() {
        let axes = [1, 2, 3]
        let mean = Self.x.mean(axes: axes, keepDimensions: true)
        let variance = Self.x.variance(axes: axes, keepDimensions: true)
        let group = GroupNorm(1, 6, affine: false)(Self.x)
        #expect(Self.close(group, (Self.x - mean) / (variance + 1e-5).sqrt()))
        #expect(Self.close(group, LayerNorm([6, 5, 2], affine: false)(Self.x)))
        #expect(!Self.close(group, LayerNorm([5, 2], affine: false)(Self.x)))
    }

    @Test func aGroupForEachChannelIsInstanceNormalization() {
        #expect(Self.close(GroupNorm(6, 6, affine: false)(Self.x), InstanceNorm(6)(Self.x)))
        #expect(!Self.close(GroupNorm(3, 6, affine: false)(Self.x), InstanceNorm(6)(Self.x)))
    }

    /// Neighbouring channels make a group.
    @Test func groupsAreNeighbours() throws {
        let y = try GroupNorm(2, 4, eps: 1e-12, affine: false)(Tensor([1, 3, 10, 30] as [Float], [1, 4])).values()
        for (value, expected) in zip(y, [-1, 1, -1, 1] as [Float]) { #expect(abs(value - expected) < 1e-5) }
    }

    /// Each sample is normalised for itself, in training and in inference.
    @Test func samplesDoNotMeet() {
        let layer = GroupNorm(3, 6, affine: false)
        #expect(Self.close(layer(Self.x).slice(0..<1), layer(Self.x.slice(0..<1))))
    }
}
