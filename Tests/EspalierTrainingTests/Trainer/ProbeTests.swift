import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Foundation
import Testing

@testable import EspalierTraining

/// What probes see of models of any kind.
@Suite struct ProbeTests {
    /// x + second(relu(first(x))).
    final class Block: Layer {
        let first = Linear(8, 8)
        let activation = ReLU()
        let second = Linear(8, 8)
        func forward(_ x: Tensor) -> Tensor { x + second(activation(first(x))) }
    }

    /// A model as one writes it, with an activation that is used twice and a weight of its own.
    final class Network: Layer {
        let stem = Linear(4, 8)
        let blocks: [any Layer] = [Block(), Block()]
        let relu = ReLU()
        let head = Linear(8, 3)
        @Parameter var gain: Tensor
        init() { _gain = Parameter([8], Ones()) }
        func forward(_ x: Tensor) -> Tensor {
            var y = relu(stem(x))
            for block in blocks { y = block(y) }
            return head(relu(y * gain))
        }
    }

    static func residual(recomputed: Bool = false) -> Sequential {
        Sequential {
            Linear(4, 8)
            Sequential([Tanh(), Linear(8, 8), Sigmoid()], recomputed: recomputed)
            Residual {
                Linear(8, 8)
                ReLU()
                Linear(8, 8)
            } shortcut: {
                Linear(8, 8)
            }
            Linear(8, 3)
        }
    }

    private func firstProbe(_ model: any Layer, on data: Dataset) throws -> (Probe, Trainer) {
        let trainer = try Trainer(
            model, loss: CrossEntropyLoss(), optimizer: SGD(learningRate: 0),
            settings: TrainingSettings(
                epochs: 1, batchSize: data.count), doctor: DoctorSettings(probeEvery: 1), sampleShape: [4])
        let recorder = trainer.recorded()
        _ = try trainer.fit(data)
        let probes = recorder.events.compactMap { if case .probe(let probe) = $0 { probe } else { nil } }
        return (try #require(probes.first), trainer)
    }

    /// Paths, and numbers that are those of what the layers put out.
    @Test func aHandWrittenModelIsSeenByItsPaths() throws {
        let data = try Toy.blobs(30, noise: 1)
        let (probe, trainer) = try firstProbe(Network(), on: data)
        #expect(
            probe.layers.map(\.path) == [
                "relu", "blocks.0.activation", "blocks.0.second", "blocks.1.activation", "relu#2", "head",
            ])
        let x = Tensor(data.inputs, [30, 4])
        let (_, calls) = LayerCall.recording { trainer.state.model(x) }
        let paths = trainer.state.contents.paths
        var found = calls.map { (paths[ObjectIdentifier($0.layer)] ?? "", $0.output) }
        found[found.lastIndex { $0.0 == "relu" }!].0 = "relu#2"
        for layer in probe.layers {
            let y = try #require(found.first { $0.0 == layer.path }).1
            let values = try y.values().map(Double.init), mean = values.reduce(0, +) / Double(values.count)
            let square = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
            #expect(abs(layer.mean - mean) < 1e-5)
            #expect(abs(layer.deviation - (square - mean * mean).squareRoot()) < 1e-4)
            #expect(layer.units == y.shape[1] && layer.gradient > 0)
            guard layer.layer == "ReLU()" else { continue }
            let zeros = values.count { $0 == 0 }
            #expect(abs((layer.saturated ?? -1) - Double(zeros) / Double(values.count)) < 1e-5)
        }
    }

    @Test func layersWithinBlocksAreSeen() throws {
        let data = try Toy.blobs(30, noise: 1)
        let (probe, _) = try firstProbe(Self.residual(), on: data)
        #expect(
            probe.layers.map(\.path) == [
                "1.0", "1.2", "2.body.1", "2.body.2", "2.shortcut.0", "3",
            ])
        // A block that is recomputed in training is seen alike.
        let (again, _) = try firstProbe(Self.residual(recomputed: true), on: data)
        #expect(again.layers.map(\.gradient) == probe.layers.map(\.gradient))
        #expect(again.layers.map(\.path) == probe.layers.map(\.path))
    }

    @Test func aLayerWithWeightsOfItsOwnIsSeenAsAWhole() throws {
        let model = Sequential {
            Linear(4, 24)
            ReshapeLayer([3, 8])
            TransformerBlock(8, heads: 2)
            MultiHeadAttention(8, heads: 2)
            Flatten()
            Linear(24, 3)
        }
        let (probe, _) = try firstProbe(model, on: Toy.blobs(30))
        #expect(probe.layers.map(\.path) == ["0", "2", "3", "5"])
    }

    // Drift

    private func drift(_ steps: [(means: [Double], squares: [Double])]) -> [Double?] {
        var drift = ActivationDrift()
        return steps.map { drift.note("layer", $0.means, $0.squares) }
    }

    @Test func driftIsInUnitsOfTheSpread() {
        // Deviations 1 and 1; then the first mean moves by 3, then the second deviation to 5.
        let found = drift([([0, 0], [1, 1]), ([3, 0], [10, 1]), ([3, 0], [10, 25])])
        #expect(found[0] == nil)
        #expect(abs((found[1] ?? 0) - 4.5.squareRoot()) < 1e-6)
        #expect(abs((found[2] ?? 0) - 8.0.squareRoot()) < 1e-6)
        // What never varied has no unit, and what stays does not drift.
        #expect(drift([([1, 1], [1, 1]), ([2, 2], [4, 4])])[1] == nil)
        #expect(drift([([1, 1], [2, 3]), ([1, 1], [2, 3])])[1] == 0)
    }

    @Test func probesTellTheDriftBetweenThem() throws {
        func drifts(rate: Double) throws -> [Double?] {
            let trainer = try Toy.trainer(
                Toy.plainModel(), optimizer: SGD(learningRate: rate), epochs: 3, batchSize: 30,
                doctor: DoctorSettings(probeEvery: 1))
            let recorder = trainer.recorded()
            _ = try trainer.fit(Toy.blobs(30))
            return recorder.events.compactMap { if case .probe(let probe) = $0 { probe } else { nil } }
                .map { $0.layers[0].drift }
        }
        let still = try drifts(rate: 0), moving = try drifts(rate: 1)
        #expect(still[0] == nil && still.dropFirst().allSatisfy { ($0 ?? 1) < 1e-3 })
        #expect(moving.dropFirst().allSatisfy { ($0 ?? 0) > 0.02 })
    }

    /// New running statistics are 0 and 1: the batch's lie off by its own mean, and are larger by its own deviation.
    @Test func batchStatisticsAreComparedWithTheRunningOnes() throws {
        var random = RandomStream(seed: 9, "off")
        let inputs = (0..<200 * 4).map { _ in Float(5 + 3 * random.normal()) }
        let data = try Dataset(
            name: "off", sampleShape: [4], inputs: inputs,
            targets: .classes((0..<200).map { Int32($0 % 3) }, names: ["a", "b", "c"]))
        func model() -> Sequential {
            Sequential {
                BatchNorm(4)
                Linear(4, 3)
            }
        }
        let (probe, _) = try firstProbe(model(), on: data)
        #expect(probe.normalizations.map(\.path) == ["0"])
        var squaredMean = 0.0, logVariance = 0.0
        for channel in 0..<4 {
            let values = stride(from: channel, to: inputs.count, by: 4).map { Double(inputs[$0]) }
            let mean: Double = values.reduce(0, +) / 200
            let variance: Double = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 200
            squaredMean += mean * mean / 4
            logVariance += log(variance) / 4
        }
        #expect(abs((probe.normalizations.first?.meanShift ?? 0) - squaredMean.squareRoot()) < 1e-3)
        #expect(abs((probe.normalizations.first?.deviationRatio ?? 0) - exp(logVariance / 2)) < 1e-3)
        // In time they are alike.
        let trainer = try Trainer(
            model(), loss: CrossEntropyLoss(), optimizer: SGD(learningRate: 0),
            settings: TrainingSettings(epochs: 80, batchSize: 200), doctor: DoctorSettings(probeEvery: 79),
            sampleShape: [4])
        let recorder = trainer.recorded()
        _ = try trainer.fit(data)
        let probes = recorder.events.compactMap { if case .probe(let probe) = $0 { probe } else { nil } }
        #expect((probes.last?.normalizations.first?.meanShift ?? 1) < 0.01)
        #expect(abs((probes.last?.normalizations.first?.deviationRatio ?? 0) - 1) < 0.01)
    }

    // Records

    /// Where squares are infinite the spread is not zero.
    @Test func aSpreadThatCannotBeToldIsNotZero() {
        #expect(LayerProbe.deviation(3, 25) == 4)
        #expect(LayerProbe.deviation(3, 8.9999) == 0)
        #expect(LayerProbe.deviation(1e30, .infinity) == .infinity)
        #expect(LayerProbe.deviation(.infinity, .infinity) == .infinity)
        #expect(LayerProbe.deviation(.nan, .infinity) == .infinity)
        #expect(LayerProbe.deviation(.nan, .nan).isNaN)
    }

    @Test func outputsThatOverflowHaveNoSpread() throws {
        let model = Sequential {
            Linear(4, 8, initializer: ConstantInitializer(1e30))
            Tanh()
            Linear(8, 3)
        }
        let trainer = try Toy.trainer(model, epochs: 1, doctor: DoctorSettings(probeEvery: 1))
        let recorder = trainer.recorded()
        _ = try trainer.fit(Toy.blobs(16))
        let probe = recorder.events.compactMap { if case .probe(let probe) = $0 { probe } else { nil } }.first
        #expect(probe?.layers.first?.path == "1" && probe?.layers.first?.deviation.isFinite == true)
        let bare = Sequential {
            Linear(4, 8, initializer: ConstantInitializer(1e30))
            Linear(8, 3)
        }
        let other = try Toy.trainer(bare, epochs: 1, doctor: DoctorSettings(probeEvery: 1))
        let heard = other.recorded()
        _ = try other.fit(Toy.blobs(16))
        let seen = heard.events.compactMap { if case .probe(let probe) = $0 { probe } else { nil } }.first
        #expect(seen?.layers.first?.deviation == .infinity)
    }

    @Test func anEventComesBack() throws {
        let trainer = try Toy.trainer(doctor: DoctorSettings(probeEvery: 2))
        let recorder = trainer.recorded()
        _ = try trainer.fit(Toy.blobs(48))
        let probes = recorder.events.compactMap { if case .probe(let probe) = $0 { probe } else { nil } }
        let last = try #require(probes.last)
        #expect(last.normalizations.count == 1 && last.layers.allSatisfy { $0.drift != nil })
        let event = ConfigurationValue.map(
            ([("step", .integer(last.step)), ("epoch", .integer(last.epoch))] + last.entries)
                .map { .init($0.0, $0.1) })
        let read = try Probe(event: JSON.parse(Array(JSON.write(event).utf8)[...]))
        #expect(read == last)
    }

    // Smoothness

    @Test func lossVariationIsTheScatterAboutTheTrend() {
        func variation(_ losses: [Double]) -> Double? {
            var variation = LossVariation()
            for loss in losses { variation.note(loss) }
            return variation.value
        }
        #expect(variation([1, 2]) == nil)
        // 1 +- 0.1 by turns: differences of 0.2, so that the scatter is 0.2 / sqrt(2).
        #expect(abs((variation((0..<100).map { 1 + ($0 % 2 == 0 ? 0.1 : -0.1) }) ?? 0) - 0.2 / 2.0.squareRoot()) < 1e-3)
        // A trend is none.
        #expect((variation((0..<100).map { 2 - Double($0) / 100 }) ?? 1) < 0.01)
        // Independent noise of deviation 0.2 on a falling loss.
        var random = RandomStream(seed: 1, "losses")
        let noisy = (0..<4000).map { 3 - Double($0) / 4000 + 0.2 * random.normal() }
        #expect(abs((variation(noisy) ?? 0) / (0.2 / 2.5) - 1) < 0.05)
    }

    @Test func epochsSayHowSmoothTheyWere() throws {
        let trainer = try Toy.trainer(epochs: 2)
        let recorder = trainer.recorded()
        let result = try trainer.fit(Toy.blobs(80))
        let losses = recorder.losses.suffix(5)
        let squares = zip(losses, losses.dropFirst()).reduce(0) { $0 + ($1.1 - $1.0) * ($1.1 - $1.0) }
        let expected = (squares / 8).squareRoot() / (losses.reduce(0, +) / 5)
        #expect(abs((result.history[1].lossVariation ?? 0) / expected - 1) < 1e-9)
    }
}
