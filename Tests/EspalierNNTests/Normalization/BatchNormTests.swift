import EspalierEngine
import EspalierGraph
import Testing

@testable import EspalierNN

@Suite(.serialized) struct BatchNormTests {
    static let x: [Float] = [-0.6577, -0.5797, 0.6360, 0.7392, 0.2145, 1.523, 0.2432, 0.5662, 0.322]

    func trained(_ layer: BatchNorm, _ x: Tensor) throws -> (y: [Float], mean: [Float], variance: [Float]) {
        let state = try ModelState(layer, seed: 0)
        state.mode = .training
        let y = layer(x)
        let mean = layer.$runningMean.takeNext(), variance = layer.$runningVariance.takeNext()
        let values = try Engine.current.evaluate([y, mean, variance])
        return (values[0], values[1], values[2])
    }

    /// An example as a textbook prints it, to four digits.
    @Test func printedExample() throws {
        let y = try trained(BatchNorm(3), Tensor(Self.x, [3, 3])).y
        let expected: [Float] = [-1.3246, -1.3492, -0.3756, 1.0912, 0.3077, 1.3685, 0.2334, 1.0415, -0.9930]
        for (value, expected) in zip(y, expected) { #expect(abs(value - expected) < 1.5e-4) }
    }

    @Test func theBatchIsNormalizedByTheBiasedVarianceAndTheRunningOneIsUnbiased() throws {
        let values: [Float] = [1, 2, 3, 6]
        let result = try trained(BatchNorm(1, eps: 0.5, momentum: 0.25), Tensor(values, [4, 1]))
        // Mean 3; squared distances 4 + 1 + 0 + 9 = 14: biased 3.5, unbiased 14 / 3.
        for (value, x) in zip(result.y, values) { #expect(abs(value - (x - 3) / 2) < 1e-6) }
        #expect(abs(result.mean[0] - 0.75) < 1e-6)
        #expect(abs(result.variance[0] - (0.75 + 0.25 * 14 / 3)) < 1e-6)
    }

    @Test func momentumIsTheWeightOfTheBatch() throws {
        let x = Tensor(Self.x, [3, 3])
        let kept = try trained(BatchNorm(3, momentum: 0), x)
        #expect(kept.mean == [0, 0, 0] && kept.variance == [1, 1, 1])
        let replaced = try trained(BatchNorm(3, momentum: 1), x)
        #expect(abs(replaced.mean[0] - 0.10823333) < 1e-6)
    }

    @Test func inferenceUsesTheRunningStatistics() throws {
        let layer = BatchNorm(2, eps: 0)
        let state = try ModelState(layer, seed: 0)
        _ = state.statistics.values("running_mean")!.update(fromContentsOf: [1, -2])
        _ = state.statistics.values("running_var")!.update(fromContentsOf: [4, 0.25])
        _ = state.parameters.values("weight")!.update(fromContentsOf: [3, 1])
        _ = state.parameters.values("bias")!.update(fromContentsOf: [0, 10])
        let y = try layer(Tensor([5, -1, 1, -2] as [Float], [2, 2])).values()
        for (value, expected) in zip(y, [6, 12, 0, 10] as [Float]) { #expect(abs(value - expected) < 1e-5) }
        #expect(Array(state.statistics.values("running_mean")!) == [1, -2])
        #expect(layer.$runningMean.takeNext() == layer.runningMean)
        // One sample alone is fine where nothing is measured.
        #expect(try layer(Tensor([1, -2] as [Float], [1, 2])).values() == [0, 10])
    }

    /// Rank 4 is rank 2 with the places as further samples.
    @Test func imagesAreNormalizedPerChannel() throws {
        var random = RandomStream(seed: 2, "images")
        let n = 3, channels = 2, height = 4, width = 5
        let image = (0..<n * channels * height * width).map { _ in Float(random.normal()) }
        let x = Tensor(image, [n, channels, height, width])
        let rows = x.transposed([0, 2, 3, 1]).reshaped(to: [n * height * width, channels])
        let four = try trained(BatchNorm(channels), x), two = try trained(BatchNorm(channels), rows)
        let back = try Tensor(two.y, [n, height, width, channels]).transposed([0, 3, 1, 2]).values()
        for (first, second) in zip(four.y, back) { #expect(abs(first - second) < 2e-6) }
        for (first, second) in zip(four.mean + four.variance, two.mean + two.variance) {
            #expect(abs(first - second) < 2e-6)
        }
        for channel in 0..<channels {
            let values = four.y.indices.filter { $0 / (height * width) % channels == channel }.map {
                Double(four.y[$0])
            }
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
            #expect(abs(mean) < 1e-6)
            #expect(abs(variance - 1) < 1e-4)
        }
    }

    /// A mean a thousand times the spread costs float32 no more than the rounding of the inputs.
    @Test func aLargeMeanIsNoHarm() throws {
        let values = (0..<64).map { Float(10_000 + 10 * ($0 % 8)) }
        let y = try trained(BatchNorm(1), Tensor(values, [64, 1])).y
        for (value, x) in zip(y, values) {
            let expected = (Double(x) - 10_035) / 525.0.squareRoot()
            #expect(abs(Double(value) - expected) < 1e-3)
        }
    }

    @Test func whatHasNoScaleIsJustStandardized() throws {
        let x = Tensor(Self.x, [3, 3])
        #expect(try trained(BatchNorm(3, affine: false), x).y == trained(BatchNorm(3), x).y)
        #expect(LayerContents(BatchNorm(3, affine: false)).parameters.isEmpty)
    }

    /// Scale and shift are learned, mean and variance are measured.
    @Test func whatIsLearnedAndWhatIsMeasured() throws {
        let state = try ModelState(BatchNorm(3), seed: 0)
        #expect(state.parameters.entries.map(\.path) == ["weight", "bias"])
        #expect(state.statistics.entries.map(\.path) == ["running_mean", "running_var"])
    }

    /// Samples that do not differ have a variance of zero, and so has one alone: nothing but the shift is left.
    @Test func withoutSpreadTheShiftIsLeft() throws {
        let sample: [Float] = [0.1, -7, 1000]
        #expect(try Tensor(sample, [1, 3]).standardized(axes: [0], eps: 1e-5).values() == [0, 0, 0])
        let layer = BatchNorm(3)
        let state = try ModelState(layer, seed: 0)
        state.mode = .training
        _ = state.parameters.values("bias")!.update(fromContentsOf: [1, -2, 3])
        #expect(try layer(Tensor(sample + sample, [2, 3])).values() == [1, -2, 3, 1, -2, 3])
    }
}
