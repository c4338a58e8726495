import EspalierData
import EspalierGraph
import EspalierNN
import EspalierSpec
import Testing

@testable import EspalierTraining

/// The noise of gradients, where it is known.
@Suite struct GradientNoiseTests {
    /// With the prediction 0 of targets c + s e the gradient of a bias is -2 (c + s e): |G|^2 = 4 c^2, tr = 4 s^2.
    static func targets(_ count: Int, mean: Double, deviation: Double) throws -> (Dataset, [Double]) {
        var random = RandomStream(seed: 3, "targets")
        let values = (0..<count).map { _ in Float(mean + deviation * random.normal()) }
        let data = try Dataset(
            name: "noise", sampleShape: [1], inputs: [Float](repeating: 1, count: count),
            targets: .values(values, width: 1, names: ["y"]))
        return (data, values.map(Double.init))
    }

    static func trainer(batchSize: Int) throws -> Trainer {
        try Trainer(
            Sequential { Linear(1, 1, bias: false, initializer: Zeros()) }, loss: MeanSquaredError(), optimizer: SGD(),
            settings: TrainingSettings(batchSize: batchSize), sampleShape: [1], targetShape: [1])
    }

    /// From single samples it is the variance of their gradients, and the square of the mean without its own noise.
    @Test func ofSingleSamplesItIsTheirVariance() throws {
        let (data, y) = try Self.targets(200, mean: 1, deviation: 2)
        let noise = try Self.trainer(batchSize: 1).gradientNoise(on: data)
        let g: [Double] = y.map { -2 * $0 }
        let mean: Double = g.reduce(0, +) / 200
        let squares: [Double] = g.map { ($0 - mean) * ($0 - mean) }
        let variance: Double = squares.reduce(0, +) / 199
        let squaredGradient: Double = mean * mean - variance / 200
        #expect(abs(noise.variance / variance - 1) < 1e-4)
        #expect(abs(noise.squaredGradient / squaredGradient - 1) < 1e-3)
        #expect(noise.samples == 200 && noise.batchSize == 1)
    }

    /// s^2 / c^2, from batches of any size.
    @Test(arguments: [1, 8, 32]) func theScaleDoesNotDependOnTheBatch(batchSize: Int) throws {
        let (data, _) = try Self.targets(16384, mean: 1, deviation: 2)
        let noise = try Self.trainer(batchSize: batchSize).gradientNoise(on: data)
        #expect(abs(noise.scale / 4 - 1) < 0.2)
        #expect(abs(noise.variance / 16 - 1) < 0.15)
    }

    @Test func aGradientThatNoiseHidesHasNoFiniteScale() throws {
        let (data, _) = try Self.targets(512, mean: 0, deviation: 2)
        let centred = try Dataset(
            name: "centred", sampleShape: [1], inputs: data.inputs,
            targets: .values((0..<512).map { $0 % 2 == 0 ? 1 : -1 }, width: 1, names: ["y"]))
        let noise = try Self.trainer(batchSize: 1).gradientNoise(on: centred)
        #expect(noise.squaredGradient <= 0 && noise.scale == .infinity)
    }

    @Test func oneSampleIsRefused() throws {
        let (data, _) = try Self.targets(1, mean: 1, deviation: 1)
        let trainer = try Self.trainer(batchSize: 4)
        #expect(throws: EspalierError.self) { try trainer.gradientNoise(on: data) }
        // Halves of one sample, whose variance batch normalisation would take.
        let two = try Toy.blobs(2)
        #expect(throws: EspalierError.self) { try Toy.trainer().gradientNoise(on: two) }
    }
}
