import EspalierEngine
import EspalierGraph
import EspalierNN
import Testing

@testable import EspalierTraining

/// What a probe measures is what the step was made of.
@Suite struct ProbeMeasuresTests {
    private static func model() -> Sequential {
        Sequential {
            Linear(4, 24)
            ReLU()
            Linear(24, 3)
        }
    }

    private static func probes(_ recorder: Recorder) -> [Probe] {
        recorder.events.compactMap { if case .probe(let probe) = $0 { probe } else { nil } }
    }

    private static func near(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-5 * max(abs(b), 1e-3) }

    @Test func layersAreMeasuredOverUnitsAndSamples() throws {
        let data = try Toy.blobs(48)
        let trainer = try Toy.trainer(Self.model(), epochs: 1, batchSize: 48, doctor: DoctorSettings(probeEvery: 1))
        let recorder = trainer.recorded(), state = trainer.state
        let batch = data[Array(0..<48)], x = Tensor(try batch.inputValues(), [48, 4])
        func parameter(_ path: String) -> Tensor {
            Tensor(Array(state.parameters.values(path)!), state.parameters.tensor(path)!.shape)
        }
        let hidden = (x.matmul(parameter("0.weight"), transposeSecond: true) + parameter("0.bias")).relu()
        let outputs = hidden.matmul(parameter("2.weight"), transposeSecond: true) + parameter("2.bias")
        guard case .classes(let labels, _) = batch.targets else { return }
        let loss = CrossEntropyLoss().mean(outputs, Tensor(labels, [48]))
        let values = try [hidden, outputs].map { try $0.values().map(Double.init) }
        let gradients = try loss.gradients(by: [hidden, outputs]).map { try $0.values().map(Double.init) }
        _ = try trainer.fit(data)

        let layers = try #require(Self.probes(recorder).first).layers
        #expect(layers.map(\.path) == ["1", "2"] && layers.map(\.units) == [24, 3])
        for (index, layer) in layers.enumerated() {
            let y = values[index], count = Double(y.count), mean = y.reduce(0, +) / count
            #expect(Self.near(layer.mean, mean))
            let square = y.reduce(0) { $0 + $1 * $1 } / count
            #expect(Self.near(layer.deviation, (square - mean * mean).squareRoot()))
            let units: [[Double]] = (0..<layer.units).map { unit in
                stride(from: unit, to: y.count, by: layer.units).map { y[$0] }
            }
            let deviations: [Double] = units.map { (unit: [Double]) -> Double in
                let mean: Double = unit.reduce(0, +) / 48
                return (unit.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 48).squareRoot()
            }
            #expect(abs(layer.unitDeviation - deviations.reduce(0, +) / Double(layer.units)) < 1e-4)
            let gradient = (gradients[index].reduce(0) { $0 + $1 * $1 } / count).squareRoot() * 48
            #expect(Self.near(layer.gradient, gradient))
            #expect(layer.histogram.reduce(0, +) == y.count)
            guard index == 0 else { continue }
            #expect(Self.near(layer.saturated ?? -1, Double(y.count { $0 == 0 }) / count))
            let silent = units.count { $0.allSatisfy { $0 == 0 } }
            #expect(Self.near(layer.silent ?? -1, Double(silent) / 24))
        }
    }

    /// Each parameter's norms stand beside its own path, whatever group it is in.
    @Test func normsAreThoseOfTheirParameters() throws {
        let trainer = try Toy.trainer(
            Self.model(), optimizer: SGD(learningRate: 0.5), penalty: WeightPenalty(l2: 0.1, on: .weights), epochs: 1,
            batchSize: 48, doctor: DoctorSettings(probeEvery: 1))
        let recorder = trainer.recorded(), state = trainer.state
        #expect(state.groups.count == 2)
        func values() -> [[Float]] { state.parameters.entries.map { Array(state.parameters.values($0.path)!) } }
        func norm(_ x: [Float]) -> Double { x.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot() }
        let before = values()
        _ = try trainer.fit(Toy.blobs(48))
        let after = values(), parameters = try #require(Self.probes(recorder).first).parameters
        #expect(parameters.map(\.path) == state.parameters.entries.map(\.path))
        for (index, probe) in parameters.enumerated() {
            #expect(Self.near(probe.weightNorm, norm(before[index])))
            #expect(Self.near(probe.updateNorm, norm(zip(after[index], before[index]).map(-))))
            // w <- w - 0.5 (g + 0.1 w) for weights, without the penalty for biases.
            let isWeight = probe.path.hasSuffix("weight")
            let g = zip(after[index], before[index]).map { ($1 - $0) / 0.5 - (isWeight ? 0.1 * $1 : 0) }
            #expect(abs(probe.gradientNorm - norm(g)) < 1e-4 * max(norm(g), 1e-2))
        }
    }

    /// The probe of a step that is not taken says what the weights are, and that they have not changed.
    @Test func aStepThatIsNotTakenChangesNothing() throws {
        let trainer = try Toy.trainer(Self.model(), epochs: 1, batchSize: 48, doctor: DoctorSettings(probeEvery: 1))
        let recorder = trainer.recorded()
        trainer.state.parameters.values("2.bias")!.update(repeating: .nan)
        let weights = trainer.state.parameters.values("0.weight")!.reduce(0) { $0 + Double($1) * Double($1) }
        _ = try? trainer.fit(Toy.blobs(48))
        let probe = try #require(Self.probes(recorder).first)
        #expect(probe.parameters.allSatisfy { $0.updateNorm == 0 })
        #expect(Self.near(probe.parameters[0].weightNorm, weights.squareRoot()))
    }
}
