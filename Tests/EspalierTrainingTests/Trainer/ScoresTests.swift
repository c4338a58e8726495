import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Testing

@testable import EspalierTraining

/// Scores of a set are those of all its samples at once, in however many batches they were computed.
@Suite(.serialized) struct ScoresTests {
    static let weighted = CrossEntropyLoss(classWeights: [0.5, 2, 4], ignoredIndex: nil)

    /// 300 samples of which the last 44 are one batch of their own, mostly of one class.
    func data() throws -> Dataset {
        let data = try Toy.blobs(300, noise: 1.5)
        let rows = (0..<300).sorted { ($0 % 3 == 0 ? 0 : 1, $0) < ($1 % 3 == 0 ? 0 : 1, $1) }
        return data[rows]
    }

    @Test(arguments: [weighted, CrossEntropyLoss(classWeights: [1, 3, 1], ignoredIndex: 0), CrossEntropyLoss()])
    func aWeightedMeanIsThatOfTheSet(_ loss: CrossEntropyLoss) throws {
        let data = try data()
        let trainer = try Toy.trainer(Toy.plainModel(), loss: loss, metrics: [Accuracy(), F1(), AreaUnderCurve()])
        let scores = try trainer.evaluate(data)
        #expect(trainer.traces.map(\.plan) == ["evaluate, batch of 256", "evaluate, batch of 44"])
        guard case .classes(let labels, _) = data.targets else { return }
        let outputs = Tensor(try trainer.predict(data.inputs), [300, 3]), targets = Tensor(labels, [300])
        let whole = Double(try loss.mean(outputs, targets).values()[0])
        #expect(abs(scores.loss / whole - 1) < 1e-5)
        for metric in [Accuracy(), F1(), AreaUnderCurve()] as [any Metric] {
            let seen = type(of: metric).takesProbabilities ? outputs.softmax() : outputs
            let record = metric.record(seen, targets)
            let expected = metric.value(of: MetricRecords(width: record.shape[1], try record.values()))
            #expect(abs(try #require(scores[type(of: metric).name]) - expected) < 1e-6)
        }
    }

    @Test func aWeightedLossTrains() throws {
        let data = try data()
        let trainer = try Toy.trainer(
            loss: Self.weighted, metrics: [Accuracy()], epochs: 8, doctor: DoctorSettings(probeEvery: 5))
        let recorder = trainer.recorded()
        let result = try trainer.fit(data, validation: data)
        #expect(result.status == .completed)
        let first = try #require(result.history.first), last = try #require(result.history.last)
        #expect(last.train.loss < first.train.loss)
        let probes = recorder.events.compactMap { if case .probe(let probe) = $0 { probe.parameters } else { nil } }
        // The sum of weights stands between scores and norms, and is none of them.
        #expect(probes.allSatisfy { $0.allSatisfy { $0.gradientNorm > 0 && $0.updateNorm < 0.2 } })
    }

    /// One output tells two classes apart, for every loss that takes it, and accuracy says so.
    @Test(
        arguments: [
            BinaryCrossEntropyLoss(), BinaryCrossEntropyOnProbabilities(), FocalLoss(), HingeLoss(),
        ] as [any Loss])
    func oneOutputForTwoClasses(_ loss: any Loss) throws {
        let blobs = try Toy.blobs(120)
        guard case .classes(let labels, _) = blobs.targets else { return }
        let data = try Dataset(
            name: "two", sampleShape: [4], inputs: blobs.inputs,
            targets: .classes(labels.map { min($0, 1) }, names: ["first", "others"]))
        let ends: [any Layer] = loss is BinaryCrossEntropyOnProbabilities ? [Sigmoid()] : []
        let trainer = try Toy.trainer(
            Sequential([Linear(4, 12), Tanh(), Linear(12, 1)] + ends), loss: loss,
            metrics: [Accuracy(), AreaUnderCurve(), F1()], optimizer: Adam(learningRate: 0.03), epochs: 25)
        _ = try trainer.fit(data)
        let scores = try trainer.evaluate(data, intervals: true)
        #expect(try #require(scores["accuracy"]) > 0.97)
        #expect(try #require(scores["auc"]) > 0.99)
        #expect(try #require(scores["f1"]) > 0.95)
        let probabilities = try trainer.predictions(for: data.inputs)
        #expect(probabilities.count == 240)
        #expect(abs(probabilities[0] + probabilities[1] - 1) < 1e-6)
        #expect(
            try data.confusion(with: trainer.predictions(for: data), classes: 2).map { $0.reduce(0, +) } == [40, 80])
        let interval = try #require(scores.intervals["accuracy"])
        #expect(interval.contains(try #require(scores["accuracy"])))
    }

    @Test func valuesCanBeProbabilities() throws {
        let line = try Toy.line(64)
        guard case .values(let values, _, _) = line.targets else { return }
        let data = try Dataset(
            name: "yes or no", sampleShape: [4], inputs: line.inputs,
            targets: .values(values.map { $0 > 0 ? 1 : 0 }, width: 2, names: ["a", "b"]))
        let trainer = try Trainer(
            Toy.plainModel(outputs: 2), loss: BinaryCrossEntropyLoss(), metrics: [MeanAbsoluteErrorMetric()],
            optimizer: Adam(learningRate: 0.03), settings: TrainingSettings(epochs: 60, batchSize: 16),
            sampleShape: [4],
            targetShape: [2], targetKind: .values)
        _ = try trainer.fit(data)
        #expect(try #require(trainer.evaluate(data)["mae"]) < 0.2)
        #expect(try trainer.predictions(for: data.inputs).allSatisfy { (0...1).contains($0) })
        #expect(throws: EspalierError.self) { try trainer.evaluate(Toy.blobs(12)) }
    }

    /// The smallest of what a step holds is fewer after proximal steps: zeros, and they are counted.
    @Test func weightsThatAreNotNeededBecomeZero() throws {
        let blobs = try Toy.blobs(90)
        // Two of the four inputs say nothing.
        var random = RandomStream(seed: 5, "noise")
        let inputs = blobs.inputs.enumerated().map { $0.offset % 4 < 2 ? $0.element : Float(0.3 * random.normal()) }
        let data = try Dataset(name: "sparse", sampleShape: [4], inputs: inputs, targets: blobs.targets)
        func zeros(proximal: Bool) throws -> Int {
            let penalty = WeightPenalty(l1: L1Penalty(0.05, proximal: proximal))
            let trainer = try Toy.trainer(
                Sequential { Linear(4, 3) }, optimizer: SGD(learningRate: 0.1), penalty: penalty, epochs: 60)
            _ = try trainer.fit(data)
            return trainer.state.zeroWeightCount
        }
        #expect(try zeros(proximal: true) >= 4)
        #expect(try zeros(proximal: false) == 0)
    }

    /// Where each step of a sequence has a label, the probabilities are those of a step, not of all steps together.
    @Test func eachStepOfASequenceHasProbabilitiesOfItsOwn() throws {
        let trainer = try Trainer(
            Sequential([Embedding(5, 4), Linear(4, 5)]), loss: CrossEntropyLoss(), optimizer: Adam(), sampleShape: [3],
            targetShape: [3])
        let probabilities = try trainer.predictions(for: [0, 1, 2, 3, 4, 0])
        #expect(probabilities.count == 2 * 3 * 5)
        for start in stride(from: 0, to: probabilities.count, by: 5) {
            #expect(abs(probabilities[start..<start + 5].reduce(0, +) - 1) < 1e-6)
        }
    }

    @Test func monteCarloDropout() throws {
        let data = try Toy.blobs(60)
        let trainer = try Toy.trainer(epochs: 20)
        _ = try trainer.fit(data)
        let plain = try trainer.predictions(for: data.inputs)
        let (mean, spread) = try trainer.predictions(for: data.inputs, samples: 200)
        let again = try trainer.predictions(for: data.inputs, samples: 200)
        #expect(again.mean == mean && again.spread == spread)
        #expect(mean.count == 180 && spread.count == 180)
        for row in 0..<60 { #expect(abs(mean[row * 3..<row * 3 + 3].reduce(0, +) - 1) < 1e-5) }
        // Dropout keeps the expectation of what it drops, not that of the softmax behind it: near, not the same.
        #expect(zip(plain, mean).allSatisfy { abs($0 - $1) < 0.25 })
        #expect(spread.allSatisfy { $0 >= 0 } && spread.contains { $0 > 0.01 })
        #expect(try trainer.predictions(for: data.inputs) == plain)
        let still = try Toy.trainer(Toy.plainModel()).predictions(for: data.inputs, samples: 3)
        #expect(still.spread.allSatisfy { $0 < 1e-7 })
    }
}
