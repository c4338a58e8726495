import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Testing

@testable import EspalierTraining

/// Clipping and accumulation in a training.
@Suite(.serialized) struct GradientTests {
    private func weights(_ trainer: Trainer) -> [Double] { trainer.state.parameters.storage.floats.map(Double.init) }

    /// Batches of 4 added up to steps of 16, the last of an epoch with fewer, as batches of 16.
    @Test(arguments: [48, 41, 54], [true, false]) func accumulationIsTheFullBatch(samples: Int, isPenalized: Bool)
        throws
    {
        let data = try Toy.blobs(samples, noise: 1)
        func trained(_ batchSize: Int, _ gradient: GradientSettings) throws -> (Trainer, Recorder) {
            let trainer = try Toy.trainer(
                Toy.plainModel(), penalty: WeightPenalty(l2: isPenalized ? 0.1 : 0), gradient: gradient,
                batchSize: batchSize, threads: 2)
            let recorder = trainer.recorded()
            _ = try trainer.fit(data, validation: data)
            return (trainer, recorder)
        }
        let whole = try trained(16, GradientSettings(clipNorm: 0.5))
        let parts = try trained(4, GradientSettings(clipNorm: 0.5, accumulate: 4))
        #expect(distance(weights(parts.0), weights(whole.0)) < 2e-6)
        #expect(distance(parts.1.losses, whole.1.losses) < 1e-6)
        func scores(_ recorder: Recorder) -> [Double] {
            recorder.events.flatMap { event -> [Double] in
                if case .epoch(let record) = event {
                    [record.train.loss, record.train["accuracy"] ?? .nan]
                } else {
                    []
                }
            }
        }
        #expect(distance(scores(parts.1), scores(whole.1)) < 1e-6)
    }

    /// A mean that divides by the weights of a batch's samples divides by those of all batches of a step.
    @Test func accumulationWeighsAsTheFullBatch() throws {
        let data = try Toy.blobs(41, noise: 1)
        func trained(_ batchSize: Int, _ gradient: GradientSettings) throws -> (Trainer, Recorder) {
            let trainer = try Toy.trainer(
                Toy.plainModel(), loss: CrossEntropyLoss(classWeights: [0.2, 3, 1]), gradient: gradient,
                batchSize: batchSize)
            let recorder = trainer.recorded()
            _ = try trainer.fit(data)
            return (trainer, recorder)
        }
        let whole = try trained(16, GradientSettings()), parts = try trained(4, GradientSettings(accumulate: 4))
        #expect(distance(weights(parts.0), weights(whole.0)) < 2e-6)
        #expect(distance(parts.1.losses, whole.1.losses) < 1e-6)
    }

    /// A batch of samples that do not count adds nothing, and what a probe tells is the step's own gradient.
    @Test func partsWithoutACountedSampleAddNothing() throws {
        let data = try Toy.blobs(48, noise: 1)
        func trained(_ batchSize: Int, _ gradient: GradientSettings) throws -> (Trainer, Recorder) {
            let trainer = try Toy.trainer(
                Toy.plainModel(), loss: CrossEntropyLoss(classWeights: [0, 3, 1]), gradient: gradient,
                batchSize: batchSize, doctor: .init(probeEvery: 1))
            let recorder = trainer.recorded()
            _ = try trainer.fit(data)
            return (trainer, recorder)
        }
        let whole = try trained(6, GradientSettings()), parts = try trained(1, GradientSettings(accumulate: 6))
        #expect(distance(weights(parts.0), weights(whole.0)) < 1e-5)
        func norms(_ recorder: Recorder) -> [Double] {
            recorder.events.flatMap { event -> [Double] in
                if case .probe(let probe) = event { probe.parameters.map(\.gradientNorm) } else { [] }
            }
        }
        #expect(!norms(whole.1).isEmpty)
        #expect(distance(norms(parts.1), norms(whole.1)) < 1e-5)
    }

    /// A gradient that is not finite is not made a step of ordinary length.
    @Test func clippingByValueKeepsWhatIsNotFinite() throws {
        let buffer = FlatBuffer([(path: "w", shape: [4])], name: "parameters")
        let slot = Parameter([4], Zeros()).projectedValue
        let g = Tensor([.infinity, -3, .nan, 0.5] as [Float], [4])
        let clipped = GradientClipping(
            [g], of: buffer, groups: [0..<4], parameters: ["w": slot], settings: GradientSettings(clipValue: 1))
        let values = try clipped.gradients[0].values()
        #expect(values[0] == .infinity && values[1] == -1 && values[2].isNaN && values[3] == 0.5)
    }

    /// A unit of a transposed convolution is what one output sums over.
    @Test(arguments: [1, 2]) func adaptiveClippingSeesOutputsOfTransposedConvolutions(groups: Int) throws {
        let slot = ConvTransposed2d(4, 6, kernelSize: 2, groups: groups).$weight
        let buffer = FlatBuffer([(path: "w", shape: slot.shape)], name: "parameters")
        var random = RandomStream(seed: 1, "adaptive")
        for index in buffer.storage.floats.indices { buffer.storage.floats[index] = Float(random.normal()) }
        let count = slot.shape.count
        let g = Tensor((0..<count).map { _ in Float(random.normal()) }, [count])
        let clipping = GradientClipping(
            [g], of: buffer, groups: [0..<count], parameters: ["w": slot],
            settings: GradientSettings(adaptiveClip: 0.01))
        let clipped = try clipping.gradients[0].values(), w = Array(buffer.storage.floats)
        let outputs = slot.shape[1], kernel = 4, inputs = slot.shape[0] / groups
        for group in 0..<groups {
            for output in 0..<outputs {
                let unit = (0..<inputs).flatMap { input in
                    (0..<kernel).map { ((group * inputs + input) * outputs + output) * kernel + $0 }
                }
                func norm(_ x: [Float]) -> Double { unit.reduce(0) { $0 + Double(x[$1] * x[$1]) }.squareRoot() }
                #expect(abs(norm(clipped) / norm(w) - 0.01) < 1e-6)
            }
        }
    }

    /// L-BFGS sees the loss and its penalty alone.
    @Test func aSearchRefusesWhatItCannotFollow() throws {
        _ = try Toy.trainer(optimizer: LBFGS(), penalty: WeightPenalty(l2: 0.1))
        let group = ParameterGroup(match: "0.*", frozen: true)
        for make in [
            { try Toy.trainer(optimizer: LBFGS(), penalty: WeightPenalty(maxNorm: 1)) },
            { try Toy.trainer(optimizer: LBFGS(), gradient: GradientSettings(clipNorm: 1)) },
            { try Toy.trainer(optimizer: LBFGS(), gradient: GradientSettings(accumulate: 2)) },
            { try Toy.trainer(optimizer: LBFGS(), groups: [group]) },
            { try Toy.trainer(optimizer: LBFGS(), averaging: .ema(ExponentialAverage())) },
        ] as [() throws -> Trainer] {
            let error = #expect(throws: EspalierError.self) { try make() }
            #expect(error.map { "\($0)".contains("search of its own") } == true)
        }
    }

    @Test func accumulationTracesEachPlanOnce() throws {
        let trainer = try Toy.trainer(gradient: GradientSettings(accumulate: 2), epochs: 3)
        let result = try trainer.fit(Toy.blobs(70))
        #expect(result.steps == 9)
        #expect(
            trainer.traces.map(\.plan) == [
                "accumulate, batch of 16", "train, batch of 16", "train, batch of 6",
            ])
    }

    /// Every batch normalises by itself: a batch of one among others is as wrong as alone.
    @Test func batchNormalisationSeesThePartsAlone() throws {
        let trainer = try Toy.trainer(gradient: GradientSettings(accumulate: 4), batchSize: 4)
        #expect(throws: EspalierError.self) { try trainer.fit(Toy.blobs(49)) }
    }

    @Test(arguments: [0.01, 1e6]) func theShareOfClippedStepsIsTold(bound: Double) throws {
        let trainer = try Toy.trainer(
            gradient: GradientSettings(clipNorm: bound), epochs: 2, doctor: .init(probeEvery: 2))
        let result = try trainer.fit(Toy.blobs(48))
        let share = bound < 1 ? 1.0 : 0
        #expect(result.history.map(\.clippedShare) == [share, share])
        #expect(result.clippedShare == share)
        let plain = try Toy.trainer(epochs: 2).fit(Toy.blobs(48))
        #expect(plain.history[0].clippedShare == nil && plain.clippedShare == nil)
    }

    /// The step of plain descent at rate 1 is no longer than the bound, and as long where the gradient is longer.
    @Test func theGlobalNormIsBounded() throws {
        let data = try Toy.blobs(16)
        func step(_ gradient: GradientSettings) throws -> [Double] {
            let trainer = try Toy.trainer(
                Toy.plainModel(), optimizer: SGD(learningRate: 1), gradient: gradient, epochs: 1)
            let before = weights(trainer)
            _ = try trainer.fit(data)
            return zip(weights(trainer), before).map { $0 - $1 }
        }
        func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let free = try step(GradientSettings()), clipped = try step(GradientSettings(clipNorm: 0.1))
        #expect(norm(free) > 0.2)
        #expect(abs(norm(clipped) - 0.1) < 1e-5)
        // The direction stays.
        #expect(distance(clipped.map { $0 * norm(free) / 0.1 }, free) < 1e-4)
        let bent = try step(GradientSettings(clipValue: 0.01))
        #expect(bent.allSatisfy { abs($0) < 0.01 + 1e-7 } && bent.contains { abs(abs($0) - 0.01) < 1e-7 })
        #expect(try step(GradientSettings(clipNorm: 1e6, clipValue: 1e6, clipParameterNorm: 1e6)) == free)
    }

    @Test func clippingDoesNotHideDivergence() throws {
        for gradient in [
            GradientSettings(clipValue: 1), GradientSettings(clipNorm: 1), GradientSettings(adaptiveClip: 0.01),
        ] {
            let trainer = try Toy.trainer(
                TrainerTests.unbounded(), optimizer: SGD(learningRate: 1e38), gradient: gradient, epochs: 20)
            #expect(try trainer.fit(Toy.blobs(48)).status == .diverged)
        }
    }

    @Test(
        arguments: [
            ["clipNorm": 0], ["clipNorm": -1], ["clipValue": 0], ["clipParameterNorm": -0.5], ["adaptiveClip": 0],
            ["accumulate": 0], ["clip": 1],
        ] as [ConfigurationValue])
    func wrongSettingsAreErrors(_ value: ConfigurationValue) {
        let error = #expect(throws: EspalierError.self) {
            try GradientSettings(configuration: ConfigurationNode(value))
        }
        #expect(error?.expected != nil)
    }
}
