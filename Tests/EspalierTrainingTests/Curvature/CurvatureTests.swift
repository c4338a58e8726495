import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Foundation
import Testing

@testable import EspalierTraining

/// The ends of the Hessian's spectrum, and that looking at them leaves a training alone.
@Suite struct CurvatureTests {
    /// Of (x W + b - y)^2, the mean over samples and two outputs, the Hessian by each output's weights and bias is X'X / n.
    @Test func ofALinearRegressionItIsThatOfTheInputs() throws {
        let data = try Toy.line(64)
        let trainer = try Toy.trainer(
            Sequential { Linear(4, 2) }, loss: MeanSquaredError(), metrics: [], targetShape: [2])
        let found = try trainer.hessianEigenvalues(on: data)
        let x = (0..<64).map { row in data.inputs[row * 4..<row * 4 + 4].map(Double.init) + [1] }
        let hessian = SymmetricMatrix(
            rows: (0..<5).map { i in (0..<5).map { j in x.reduce(0) { $0 + $1[i] * $1[j] } / 64 } })
        #expect(abs(found.largest / hessian.eigenvalues[4] - 1) < 1e-4)
        #expect(abs(found.smallest / hessian.eigenvalues[0] - 1) < 1e-3)
        #expect(found.isConverged && found.dominant == found.largest)
        // Two outputs double each of five eigenvalues, of which a search from one vector sees one.
        #expect(found.iterations <= 8)
    }

    /// Against central differences of gradients of the reference, in double precision.
    @Test(arguments: [1, 2, 3]) func ofANetworkItIsThatOfDifferences(seed: Int) throws {
        let data = try Toy.blobs(24, noise: 1, seed: UInt64(seed))
        func model() -> Sequential {
            Sequential {
                Linear(4, 4)
                Tanh()
                Linear(4, 3)
            }
        }
        let trainer = try Toy.trainer(model(), batchSize: 8, seed: seed)
        let found = try trainer.hessianEigenvalues(on: data, iterations: 60, tolerance: 1e-6)
        let expected = try differences(trainer, data).eigenvalues
        let scale = max(abs(expected[0]), abs(expected[expected.count - 1]))
        #expect(abs(found.largest - expected[expected.count - 1]) < 2e-3 * scale)
        #expect(abs(found.smallest - expected[0]) < 2e-3 * scale)
        #expect(expected[0] < -1e-3 * scale, "the network is at a saddle")
    }

    private func differences(_ trainer: Trainer, _ data: Dataset) throws -> SymmetricMatrix {
        let state = trainer.state, parameters = state.parameters
        let batch = ReferenceTraining.batch(Array(0..<data.count), of: data)
        let x = Tensor.input("x", [data.count, 4]), labels = Tensor.input("labels", [data.count], .int32)
        let loss = CrossEntropyLoss().mean(state.model(x), labels)
        let gradients = loss.gradients(by: parameters.entries.map { parameters.tensor($0.path)! })
        let start = parameters.storage.floats.map(Double.init)
        func gradient(_ values: [Double]) -> [Double] {
            let feed = [
                x: batch[0], labels: batch[1], parameters.tensor: ReferenceArray(parameters.tensor.shape, values),
            ]
            return Reference.evaluate(gradients, feed).flatMap(\.values)
        }
        let places = parameters.entries.flatMap { Array($0.offset..<$0.offset + $0.shape.count) }
        let step = 1e-4
        let rows = places.map { place -> [Double] in
            var (above, below) = (start, start)
            above[place] += step
            below[place] -= step
            return zip(gradient(above), gradient(below)).map { ($0 - $1) / (2 * step) }
        }
        return SymmetricMatrix(
            rows: rows.indices.map { i in rows.indices.map { j in (rows[i][j] + rows[j][i]) / 2 } })
    }

    /// y = a^2 x, at a = 0.
    private final class Square: Layer {
        @Parameter var a: Tensor
        init() { _a = Parameter([1], Zeros()) }
        func forward(_ x: Tensor) -> Tensor { x * a.squared() }
    }

    /// (a^2 - 3)^2 has the second derivative -12 at 0: descent along it never ends, and the sign says so.
    @Test func theDominantOneKeepsItsSign() throws {
        let data = try Dataset(
            name: "ones", sampleShape: [1], inputs: [1, 1], targets: .values([3, 3], width: 1, names: ["y"]))
        let trainer = try Trainer(
            Square(), loss: MeanSquaredError(), optimizer: SGD(), sampleShape: [1], targetShape: [1])
        let found = try trainer.hessianEigenvalues(on: data)
        #expect(abs(found.dominant + 12) < 1e-4 && found.smallest == found.dominant)
        #expect(found.iterations == 1 && found.isConverged)
    }

    /// Only what learns can be moved: of the second layer alone the loss is as convex as a softmax is.
    @Test func frozenParametersAreLeftOut() throws {
        let groups = [ParameterGroup(match: "0", frozen: true)]
        let trainer = try Toy.trainer(Toy.plainModel(), groups: groups)
        let free = try Toy.trainer(Toy.plainModel())
        let data = try Toy.blobs(32, noise: 1)
        let found = try trainer.hessianEigenvalues(on: data, iterations: 40)
        #expect(found.smallest > -1e-4)
        #expect(try free.hessianEigenvalues(on: data, iterations: 40).smallest < -1e-3)
    }

    /// Weights, statistics, random draws and optimiser are as without, also where weights wait for the first batch.
    @Test(arguments: [false, true]) func aTrainingIsLeftAsItWas(awaitsBatch: Bool) throws {
        func run(_ every: Int) throws -> (Trainer, Recorder) {
            let model = Toy.model()
            if awaitsBatch { (model.layers[4] as? Linear)?.initializer = LSUV() }
            let trainer = try Toy.trainer(
                model, epochs: 2, doctor: DoctorSettings(probeEvery: 0, curvatureEvery: every))
            let recorder = trainer.recorded()
            if every > 0 {
                let (key, snapshot) = (trainer.state.presentKey, trainer.state.snapshot())
                _ = try trainer.curvature(on: Toy.blobs(60))
                #expect(trainer.state.presentKey == key && trainer.state.snapshot() == snapshot)
                #expect(trainer.state.awaitsBatch == awaitsBatch)
            }
            _ = try trainer.fit(Toy.blobs(60), validation: Toy.blobs(20))
            return (trainer, recorder)
        }
        let (plain, heard) = try run(0), (measured, told) = try run(3)
        #expect(Array(plain.state.parameters.storage.floats) == Array(measured.state.parameters.storage.floats))
        #expect(Array(plain.state.statistics.storage.floats) == Array(measured.state.statistics.storage.floats))
        #expect(heard.losses == told.losses)
        #expect(told.names.filter { $0.hasPrefix("curvature") } == ["curvature 0", "curvature 3", "curvature 6"])
    }

    @Test func aRecordHasAllNumbers() throws {
        let trainer = try Toy.trainer(
            optimizer: SGD(learningRate: 0.1, momentum: 0.5), doctor: DoctorSettings(probeEvery: 0, curvatureEvery: 4))
        let recorder = trainer.recorded()
        _ = try trainer.fit(Toy.blobs(64))
        let records = recorder.events.compactMap { if case .curvature(let record) = $0 { record } else { nil } }
        let last = try #require(records.last)
        #expect(records.count == 4 && last.step == 12 && last.epoch == 4 && last.samples == 64)
        #expect(abs((last.stableBelow ?? 0) - 30) < 1e-9)
        #expect(last.eigenvalues.largest > 0 && last.noise?.samples == 64 && last.noise?.batchSize == 16)
        let names = last.entries.map(\.0)
        #expect(Set(names).isSuperset(of: ["largestEigenvalue", "smallestEigenvalue", "stableBelow", "noiseScale"]))
    }

    @Test func whatIsNotFiniteEndsTheSearch() throws {
        let trainer = try Toy.trainer(Toy.plainModel())
        trainer.state.parameters.storage.floats[0] = .nan
        let found = try trainer.hessianEigenvalues(on: Toy.blobs(32))
        #expect(found.largest.isNaN && !found.isConverged && found.iterations == 1)
    }

    /// 2 on the diagonal and -1 beside it has the eigenvalues 2 - 2 cos(k pi / (n + 1)).
    @Test(arguments: [1, 2, 7, 30]) func aTridiagonalMatrixHasItsEnds(count: Int) {
        var matrix = TridiagonalMatrix()
        for _ in 0..<count { matrix.append(2, link: -1) }
        let end = cos(Double.pi / Double(count + 1))
        #expect(abs(matrix.extremes.smallest - (2 - 2 * end)) < 1e-12)
        #expect(abs(matrix.extremes.largest - (2 + 2 * end)) < 1e-12)
    }

    /// On h w^2 / 2 steps settle below the bound of h and swing ever wider above it.
    @Test(
        arguments: [
            SGD(learningRate: 0.1), SGD(learningRate: 0.1, momentum: 0.8),
            SGD(learningRate: 0.1, momentum: 0.8, dampening: 0.5), Momentum(learningRate: 0.02),
            Nesterov(learningRate: 0.1), Nesterov(learningRate: 0.1, rateInVelocity: true),
        ] as [any Optimizer])
    func theBoundIsWhereStepsBeginToSwing(optimizer: any Optimizer) throws {
        let bound = try #require(optimizer.stableCurvature(learningRate: optimizer.learningRate))
        func end(_ curvature: Double) -> Double {
            let w = Tensor.input("w", []), v = Tensor.input("v", []), rate = Tensor.input("rate", [])
            let step = Tensor.input("step", [])
            let kept = optimizer.slots.isEmpty ? [] : [v]
            let (next, slots) = optimizer.update(
                w, gradient: curvature * w, slots: kept, learningRate: rate, step: step)
            var values = (w: 1.0, v: 0.0)
            for number in 1...400 {
                let feed = [
                    w: ReferenceArray([], [values.w]), v: ReferenceArray([], [values.v]),
                    rate: ReferenceArray([], [optimizer.learningRate]), step: ReferenceArray([], [Double(number)]),
                ]
                let results = Reference.evaluate([next] + slots, feed).map { $0.values[0] }
                values = (results[0], results.count > 1 ? results[1] : 0)
            }
            return abs(values.w)
        }
        #expect(end(0.97 * bound) < 0.5)
        #expect(end(1.03 * bound) > 2)
        #expect(Adam().stableCurvature(learningRate: 0.1) == nil)
    }
}
