import EspalierEngine
import EspalierGraph
import Testing

@testable import EspalierNN

/// What the relatives of dropout do to the mean and the variance, and to which values together.
@Suite(.serialized) struct DropoutFamilyTests {
    /// What a layer makes of x in training.
    func run(_ layer: any Layer, _ x: Tensor, step: Int = 1) throws -> [Float] {
        let state = try ModelState(layer, seed: 0)
        state.mode = .training
        state.setKey(RandomKey(seed: 4, step: step))
        return try layer(x).values()
    }

    func moments(_ values: [Float]) -> (mean: Double, variance: Double) {
        let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
        return (mean, values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count))
    }

    static let count = 400_000

    /// Numbers of a standard normal distribution.
    var normal: Tensor {
        var random = RandomStream(seed: 2, "normal")
        return Tensor((0..<Self.count).map { _ in Float(random.normal()) }, [Self.count])
    }

    /// Six standard deviations of a mean of 400,000 numbers of about that variance are 0.01.
    @Test(arguments: [0.1, 0.5]) func alphaDropoutKeepsMeanAndVariance(p: Double) throws {
        let y = try run(AlphaDropout(p: p), normal)
        let (mean, variance) = moments(y)
        #expect(abs(mean) < 0.01 && abs(variance - 1) < 0.02, "\(mean), \(variance)")
        // The dropped ones are all one value: that of SELU at minus infinity, scaled and shifted.
        let s = AlphaDropout.saturation, a = 1 / ((1 - p) * (1 + p * s * s)).squareRoot()
        let dropped = Float(a * s - a * p * s)
        let share = Double(y.count { abs($0 - dropped) < 1e-5 }) / Double(Self.count)
        #expect(abs(share - p) < 0.005)
    }

    @Test func gaussianDropoutMultiplies() throws {
        let y = try run(GaussianDropout(p: 0.2), .full([Self.count], 3))
        let (mean, variance) = moments(y)
        #expect(abs(mean - 3) < 0.03 && abs(variance - 9 * 0.25) < 0.05, "\(mean), \(variance)")
    }

    @Test func gaussianNoiseAdds() throws {
        let y = try run(GaussianNoise(std: 0.5), .full([Self.count], 3))
        let (mean, variance) = moments(y)
        #expect(abs(mean - 3) < 0.01 && abs(variance - 0.25) < 0.005, "\(mean), \(variance)")
    }

    /// Channels live or die as a whole, each for itself in each sample.
    @Test func channelsAreDroppedWhole() throws {
        let y = try run(Dropout2d(p: 0.3), .ones([40, 50, 2, 3]))
        let channels = stride(from: 0, to: y.count, by: 6).map { Set(y[$0..<$0 + 6]) }
        #expect(channels.allSatisfy { $0 == [0] || $0 == [Float(1 / 0.7)] })
        let share = Double(channels.count { $0 == [0] }) / 2000
        #expect(abs(share - 0.3) < 0.06)
        #expect(Set(channels[0..<50]).count == 2 && channels[0..<50] != channels[50..<100])
    }

    @Test func samplesAreDroppedWhole() throws {
        let y = try run(StochasticDepth(p: 0.4), .ones([2000, 3]))
        let samples = stride(from: 0, to: y.count, by: 3).map { Set(y[$0..<$0 + 3]) }
        #expect(samples.allSatisfy { $0 == [0] || $0 == [Float(1 / 0.6)] })
        #expect(abs(Double(samples.count { $0 == [0] }) / 2000 - 0.4) < 0.06)
    }

    /// A residual whose body is dropped is its shortcut, gradient and all.
    @Test func aDroppedBlockIsTheShortcut() throws {
        let block = Residual {
            Linear(3, 3)
            StochasticDepth(p: 0.5)
        }
        let state = try ModelState(block, seed: 1)
        let x = Tensor((0..<60).map { Float($0 % 7) - 3 }, [20, 3])
        let whole = try block(x).values()
        state.mode = .training
        state.setKey(RandomKey(seed: 4, step: 1))
        let y = block(x)
        let values = try y.values(), inputs = try x.values()
        var dropped = 0
        for row in 0..<20 {
            let range = row * 3..<row * 3 + 3
            let isDropped = values[range] == inputs[range]
            dropped += isDropped ? 1 : 0
            guard !isDropped else { continue }
            for index in range {
                #expect(abs(values[index] - (inputs[index] + 2 * (whole[index] - inputs[index]))) < 1e-5)
            }
        }
        #expect((3...17).contains(dropped))
    }

    @Test func depthIsSharedOutLinearly() {
        let shares = (1...4).map { StochasticDepth.share(ofBlock: $0, of: 4, last: 0.5) }
        #expect(shares == [0.125, 0.25, 0.375, 0.5])
    }

    @Test func otherKeysDrawOtherwise() throws {
        for layer in [GaussianNoise(), GaussianDropout(), AlphaDropout(), StochasticDepth(), Dropout2d()] as [any Layer]
        {
            let x = Tensor.full([500, 4], 2)
            let first = try run(layer, x)
            #expect(try run(layer, x) == first)
            #expect(try run(layer, x, step: 2) != first)
        }
    }

    @Test func nothingIsDroppedAtZero() {
        let x = Tensor.input("x", [3, 2])
        let layers: [any ModeDependent] = [
            GaussianNoise(std: 0), GaussianDropout(p: 0), AlphaDropout(p: 0), StochasticDepth(p: 0), Dropout2d(p: 0),
        ]
        for layer in layers {
            layer.mode = .training
            #expect(layer(x) == x)
        }
    }

    /// Left on at prediction, dropout draws and batch normalisation does not measure.
    @Test func randomLayersDrawWhileNormalisationsInfer() throws {
        let model = Sequential {
            BatchNorm(3)
            Dropout(p: 0.5)
            InstanceNorm(3, tracksStatistics: true)
        }
        let state = try ModelState(model, seed: 0)
        state.letRandomLayersDraw()
        let modes = state.contents.layers.compactMap { ($0.layer as? any ModeDependent)?.mode }
        #expect(modes == [.inference, .training, .inference])
        state.mode = .inference
        #expect(state.contents.layers.allSatisfy { ($0.layer as? any ModeDependent)?.mode != .training })
    }
}
