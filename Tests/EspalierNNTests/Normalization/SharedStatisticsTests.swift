import EspalierGraph
import Testing

@testable import EspalierNN

/// Which elements of [N, C, places] share their mean and variance, in every normalisation.
@Suite struct SharedStatisticsTests {
    static let shape: Shape = [3, 4, 5]

    /// The elements by which the result at `element` has a derivative.
    private func shared(_ layer: any Layer, with element: [Int]) throws -> Set<[Int]> {
        try ModelState(layer, seed: 0).mode = .training
        let x = Tensor.input("x", Self.shape)
        let chosen = ReferenceArray(Self.shape) { $0 == element ? 1 : 0 }
        let mask = Tensor.input("mask", Self.shape)
        var random = RandomStream(seed: 1, "block")
        let values = ReferenceArray(Self.shape) { _ in random.normal() }
        let slope = Reference.evaluate([(layer(x) * mask).sum().gradients(by: [x])[0]], [x: values, mask: chosen])[0]
        return Set(Self.indices.filter { abs(slope[$0]) > 1e-12 })
    }

    static let indices = (0..<60).map { [$0 / 20, $0 / 5 % 4, $0 % 5] }

    @Test func batchNormalizationSharesAChannel() throws {
        #expect(try shared(BatchNorm(4), with: [1, 2, 3]) == Set(Self.indices.filter { $0[1] == 2 }))
    }

    @Test func layerNormalizationSharesASampleAndNotAChannel() throws {
        #expect(try shared(LayerNorm([4, 5]), with: [1, 2, 3]) == Set(Self.indices.filter { $0[0] == 1 }))
    }

    @Test func groupNormalizationSharesTheChannelsOfAGroup() throws {
        let group = Self.indices.filter { $0[0] == 1 && $0[1] >= 2 }
        #expect(try shared(GroupNorm(2, 4), with: [1, 2, 3]) == Set(group))
    }

    @Test func instanceNormalizationSharesAChannelOfASample() throws {
        let places = Self.indices.filter { $0[0] == 1 && $0[1] == 2 }
        #expect(try shared(InstanceNorm(4), with: [1, 2, 3]) == Set(places))
    }
}
