import EspalierGraph
import EspalierSpec
import Testing

@testable import EspalierData

@Suite struct AugmentationTests {
    /// What an augmentation makes of an image of [2, 5, 4] whose values are all different.
    func run(_ augmentation: any SampleAugmentation, _ seed: UInt64, _ image: [Float] = Self.image) -> [Float] {
        var random = RandomStream(seed: seed, "test"), image = image
        image.withUnsafeMutableBufferPointer { augmentation.apply(to: $0, shape: Self.shape, using: &random) }
        return image
    }

    static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    static let shape = [2, 5, 4]
    static let image = (1...40).map { Float($0) }

    static let samples: [any SampleAugmentation] = [
        HorizontalFlip(), VerticalFlip(), RandomCrop(padding: 2), Rotation(), Affine(), ColorJitter(), Erasing(),
        Noise(),
    ]

    @Test func aKeyDecides() {
        for augmentation in Self.samples {
            let results = (0..<20).map { run(augmentation, UInt64($0)) }
            #expect((0..<20).allSatisfy { run(augmentation, UInt64($0)) == results[$0] })
            #expect(Set(results).count > 1, "\(type(of: augmentation).name)")
            #expect(results.allSatisfy { $0.allSatisfy { $0.isFinite } })
        }
    }

    @Test func flipsAreTheirOwnInverse() {
        for flip in [HorizontalFlip(p: 1), VerticalFlip(p: 1)] as [any SampleAugmentation] {
            let once = run(flip, 1)
            #expect(once != Self.image && run(flip, 1, once) == Self.image)
        }
        #expect(Array(run(HorizontalFlip(p: 1), 1)[0..<4]) == [4, 3, 2, 1])
        #expect(Array(run(VerticalFlip(p: 1), 1)[0..<4]) == [17, 18, 19, 20])
        #expect(run(HorizontalFlip(p: 0), 1) == Self.image)
        let share = Double((0..<1000).count { run(HorizontalFlip(p: 0.3), UInt64($0)) != Self.image }) / 1000
        #expect(abs(share - 0.3) < 0.08)
    }

    @Test func cropsAreShifts() {
        var shifts = Set<[Int]>()
        for seed in 0..<200 {
            let moved = run(RandomCrop(padding: 1), UInt64(seed))
            var found: [Int]?
            for down in -1...1 {
                for right in -1...1 {
                    let expected = (0..<40).map { index -> Float in
                        let row = index / 4 % 5 + down, column = index % 4 + right
                        guard (0..<5).contains(row), (0..<4).contains(column) else { return 0 }
                        return Self.image[index / 20 * 20 + row * 4 + column]
                    }
                    if expected == moved { found = [down, right] }
                }
            }
            guard let found else {
                Issue.record("no shift: \(moved)")
                return
            }
            shifts.insert(found)
        }
        #expect(shifts.count == 9)
    }

    @Test func turnsOfNothingAndOfHalf() {
        #expect(run(Rotation(degrees: 0), 1) == Self.image)
        var still = Affine()
        (still.degrees, still.translate, still.scale, still.shear) = (0, 0, 0, 0)
        #expect(run(still, 1) == Self.image)
        // A turn keeps what lies in the middle of an image of odd extents, and is about the same as one back.
        let flat = [Float](repeating: 3, count: 40)
        let turned = run(Rotation(degrees: 20), 3, flat)
        #expect(turned[9] == 3 && turned.contains { $0 < 3 } && turned.allSatisfy { $0 >= 0 && $0 < 3.0001 })
        var shift = still
        shift.translate = 0.5
        let sums = (0..<20).map { run(shift, UInt64($0), flat).reduce(0, +) }
        #expect(sums.allSatisfy { $0 <= 120.001 } && sums.contains { $0 < 100 })
    }

    @Test func erasedRectangles() {
        var shares: [Double] = []
        for seed in 0..<300 {
            let erased = run(Erasing(p: 1, largest: 0.5), UInt64(seed))
            let gone = (0..<40).filter { erased[$0] == 0 }
            #expect(gone.count % 2 == 0 && zip(gone, gone.dropFirst(gone.count / 2)).allSatisfy { $0 + 20 == $1 })
            let places = gone.prefix(gone.count / 2)
            let rows = Set(places.map { $0 / 4 }), columns = Set(places.map { $0 % 4 })
            #expect(rows.count * columns.count == places.count && !places.isEmpty)
            shares.append(Double(places.count) / 20)
        }
        #expect(shares.allSatisfy { $0 <= 0.8 } && abs(Self.mean(shares) - 0.26) < 0.08)
    }

    @Test func colours() {
        let brighter = run(ColorJitter(brightness: 0.5, contrast: 0, saturation: 0), 2)
        let factor = brighter[0] / Self.image[0]
        #expect(zip(brighter, Self.image).allSatisfy { abs($0 - factor * $1) < 1e-4 } && abs(factor - 1) <= 0.5)
        let contrast = run(ColorJitter(brightness: 0, contrast: 0.5, saturation: 0), 2)
        #expect(abs(contrast.reduce(0, +) - Self.image.reduce(0, +)) < 1e-2)
        let saturated = run(ColorJitter(brightness: 0, contrast: 0, saturation: 0.5), 2)
        for place in 0..<20 {
            let grey = saturated[place] + saturated[place + 20]
            #expect(abs(grey - (Self.image[place] + Self.image[place + 20])) < 1e-4)
        }
    }

    @Test func noiseHasItsSpread() {
        let zeros = [Float](repeating: 0, count: 40)
        let values = (0..<500).flatMap { run(Noise(std: 0.3), UInt64($0), zeros) }
        let variance = Self.mean(values.map { Double($0) * Double($0) })
        #expect(abs(variance.squareRoot() - 0.3) < 0.01)
    }

    /// Two images that are all of one value each: the share of the mixture can be read off.
    @Test(arguments: [MixUp(alpha: 0.4), CutMix(alpha: 1)] as [any MixingAugmentation])
    func aShareIsThatOfTheMixture(_ mixture: any MixingAugmentation) {
        var shares: [Double] = []
        for seed in 0..<200 {
            var random = RandomStream(seed: UInt64(seed), "mix")
            var inputs = [Float](repeating: 1, count: 40) + [Float](repeating: 0, count: 40)
            let share = inputs.withUnsafeMutableBufferPointer {
                mixture.mix($0, shape: Self.shape, partners: [1, 0], using: &random)
            }
            #expect((0...1).contains(share))
            let first = Self.mean(inputs.prefix(40).map(Double.init)),
                second = Self.mean(inputs.suffix(40).map(Double.init))
            #expect(abs(first - share) < 1e-6)
            #expect(abs(second - (1 - share)) < 1e-6)
            shares.append(share)
        }
        #expect(abs(Self.mean(shares) - 0.5) < 0.12 && Set(shares).count > 5)
    }

    /// The mean of Beta(a, a) is 1/2, its variance 1 / (4 (2a + 1)).
    @Test(arguments: [0.2, 1, 4]) func betas(alpha: Double) {
        var random = RandomStream(seed: 6, "beta")
        let draws = (0..<40_000).map { _ in random.beta(alpha) }
        let mean = Self.mean(draws)
        let variance = Self.mean(draws.map { ($0 - mean) * ($0 - mean) })
        #expect(abs(mean - 0.5) < 0.02 && abs(variance - 1 / (4 * (2 * alpha + 1))) < 0.01)
    }

    @Test func whatSamplesAreNot() {
        let image: [any Augmentation] = Self.samples.dropLast() + [CutMix()]
        for augmentation in image {
            #expect(throws: EspalierError.self) { try augmentation.check(sampleShape: [64]) }
            #expect(throws: Never.self) { try augmentation.check(sampleShape: [1, 8, 8]) }
        }
        #expect(throws: EspalierError.self) { try RandomCrop(padding: 8).check(sampleShape: [1, 8, 9]) }
        #expect(throws: Never.self) { try MixUp().check(sampleShape: [64]) }
    }

    @Test(
        arguments: [
            ["mixUp": ["alpha": 0]], ["cutMix": ["alpha": -1]], ["horizontalFlip": ["p": 1.2]],
            ["randomCrop": ["padding": -1]], ["rotation": ["degrees": 200]], ["affine": ["translate": 1]],
            ["colorJitter": ["brightness": 2]], ["erasing": ["p": -1]], ["noise": ["std": -1]], "horizontalflip",
        ] as [ConfigurationValue])
    func wrongSettingsAreErrors(_ value: ConfigurationValue) {
        #expect(throws: EspalierError.self) {
            try Registry<any Augmentation>.standard.read(ConfigurationNode(value))
        }
    }
}
