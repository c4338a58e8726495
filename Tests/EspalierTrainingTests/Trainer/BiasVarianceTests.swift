import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import Testing

@testable import EspalierTraining

/// What a penalty trades: more bias for less variance, and not one in inverse proportion to the other.
@Suite(.serialized) struct BiasVarianceTests {
    /// Of the slope that is learned from 8 noisy points of y = 2 x, over 40 draws of them.
    private func measure(l2: Double) throws -> (bias: Double, variance: Double) {
        let slopes = try (0..<40).map { draw in
            var random = RandomStream(seed: UInt64(draw), "points")
            let x = (0..<8).map { _ in Float(random.normal()) }
            let y = x.map { 2 * $0 + 3 * Float(random.normal()) }
            let data = try Dataset(
                name: "line", sampleShape: [1], inputs: x, targets: .values(y, width: 1, names: ["y"]))
            let trainer = try Trainer(
                Sequential { Linear(1, 1, bias: false) }, loss: MeanSquaredError(), optimizer: SGD(learningRate: 0.1),
                penalty: WeightPenalty(l2: l2), settings: TrainingSettings(epochs: 100, batchSize: 8, seed: 1),
                sampleShape: [1], targetShape: [1], engine: Engine(threads: 1))
            _ = try trainer.fit(data)
            return Double(trainer.state.parameters.storage.floats[0])
        }
        let mean = slopes.reduce(0, +) / Double(slopes.count)
        let variance = slopes.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(slopes.count)
        return ((mean - 2) * (mean - 2), variance)
    }

    @Test func aPenaltyTradesOneForTheOther() throws {
        let measured = try [0.0, 1, 4, 16].map { try measure(l2: $0) }
        for (weaker, stronger) in zip(measured, measured.dropFirst()) {
            #expect(stronger.variance < weaker.variance && stronger.bias > weaker.bias, "\(measured)")
        }
        // Were one in inverse proportion to the other, their product would stay.
        let products = measured.map { $0.bias * $0.variance }
        #expect(products.max()! > 4 * products.min()!, "\(products)")
        let errors = measured.map { $0.bias + $0.variance }
        #expect(errors.min()! < errors[0] && errors.min()! < errors[3], "\(errors)")
    }
}
