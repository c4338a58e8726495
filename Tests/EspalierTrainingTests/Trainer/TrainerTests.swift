import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Testing

@testable import EspalierTraining

@Suite(.serialized) struct TrainerTests {
    // Learning

    @Test func aLearnableProblemIsLearned() throws {
        let train = try Toy.blobs(150), other = try Toy.blobs(90, seed: 2)
        let trainer = try Toy.trainer(epochs: 20)
        let before = try trainer.evaluate(other)
        let result = try trainer.fit(train, validation: other)
        #expect(result.status == .completed)
        #expect(result.steps == 200)
        let losses = result.history.map(\.train.loss)
        #expect(losses.last! < 0.25 * losses[0])
        let after = try trainer.evaluate(other)
        #expect(before["accuracy"]! < 0.9)
        #expect(after["accuracy"]! > 0.97)
        #expect(after.loss < 0.1)
    }

    @Test func aRegressionIsLearned() throws {
        let trainer = try Toy.trainer(
            Toy.plainModel(outputs: 2), loss: MeanSquaredError(), metrics: [MeanSquaredErrorMetric()], epochs: 60,
            targetShape: [2])
        let result = try trainer.fit(Toy.line(200))
        #expect(result.history.last!.train.loss < 0.15 * result.history[0].train.loss)
        for record in result.history { #expect(abs(record.train["mse"]! / record.train.loss - 1) < 1e-6) }
    }

    /// Scores are means over samples, not over batches: the last, smaller batch counts for as many as it has.
    @Test func scoresAreMeansOverSamples() throws {
        let data = try Toy.blobs(300, noise: 1)
        let trainer = try Toy.trainer(Toy.plainModel(), epochs: 1)
        let scores = try trainer.evaluate(data)
        let logits = try trainer.predict(data.inputs)
        let target = ReferenceTraining.batch(Array(0..<300), of: data)[1]
        let z = ReferenceArray([300, 3], logits.map(Double.init))
        let x = Tensor.input("z", [300, 3]), labels = Tensor.input("labels", [300], .int32)
        let expected = Reference.evaluate(
            [x.crossEntropy(labels: labels).mean(), Accuracy()(x, labels).mean()], [x: z, labels: target])
        #expect(abs(scores.loss / expected[0].values[0] - 1) < 1e-6)
        #expect(abs(scores["accuracy"]! - expected[1].values[0]) < 1e-7)
    }

    // Events

    @Test func eventsComeInOrder() throws {
        let trainer = try Toy.trainer(epochs: 2, doctor: DoctorSettings(probeEvery: 3))
        let recorder = trainer.recorded()
        let result = try trainer.fit(Toy.blobs(34), validation: Toy.blobs(20))
        #expect(
            recorder.names == [
                "start", "trace probe, batch of 16", "step 1.1", "probe 1", "trace train, batch of 16", "step 2.1",
                "trace train, batch of 2", "step 3.1", "trace evaluate, batch of 20", "epoch 1", "step 4.2", "probe 4",
                "step 5.2", "step 6.2", "epoch 2", "stop completed",
            ])
        #expect(result.steps == 6)
        #expect(result.history.map(\.step) == [3, 6])
        #expect(result.history.map(\.epoch) == [1, 2])
        guard case .start(let start) = recorder.events[0] else { return }
        #expect(start.stepsPerEpoch == 3)
        #expect(start.trainingSamples == 34 && start.validationSamples == 20)
        #expect(start.parameters == trainer.state.parameterCount && start.statistics == 32)
        #expect(start.layers.map(\.output) == [[16], [16], [16], [16], [3]])
        #expect(start.layers.map(\.path) == ["0", "1", "2", "3", "4"])
    }

    @Test func everyTraceIsTold() throws {
        let trainer = try Toy.trainer(epochs: 3, doctor: DoctorSettings(probeEvery: 2))
        let recorder = trainer.recorded()
        _ = try trainer.fit(Toy.blobs(50), validation: Toy.blobs(20))
        let told = recorder.events.compactMap { if case .trace(let trace) = $0 { trace } else { Trace?.none } }
        #expect(told == trainer.traces)
    }

    @Test func dropLastLeavesTheRestOut() throws {
        let trainer = try Toy.trainer(epochs: 2, dropLast: true)
        let recorder = trainer.recorded()
        let result = try trainer.fit(Toy.blobs(47))
        #expect(result.steps == 4)
        #expect(trainer.traces.map(\.plan) == ["train, batch of 16"])
        guard case .start(let start) = recorder.events[0] else { return }
        #expect(start.stepsPerEpoch == 2)
    }

    @Test func aListenersErrorEndsTheTraining() throws {
        struct Full: Error {}
        let trainer = try Toy.trainer()
        trainer.recorded().action = { event in
            if case .step(3, _, _, _, _) = event { throw Full() }
        }
        #expect(throws: Full.self) { try trainer.fit(Toy.blobs(48)) }
    }

    // Ends

    /// The weights of the best epoch come back, with the statistics that belong to them.
    @Test func theBestEpochIsRestored() throws {
        let validation = try Toy.chance(60, seed: 2)
        let trainer = try Toy.trainer(
            optimizer: Adam(learningRate: 0.05), epochs: 60, callbacks: [EarlyStopping(patience: 4)])
        let recorder = trainer.recorded()
        var snapshots: [ModelState.Snapshot] = []
        recorder.action = { event in
            if case .epoch = event { snapshots.append(trainer.state.snapshot()) }
        }
        let result = try trainer.fit(Toy.chance(64, seed: 1), validation: validation)
        #expect(result.status == .stoppedEarly)
        #expect(result.message == "validation loss has not improved for 4 validations")
        let losses = result.history.map { $0.validation!.loss }
        let best = try #require(result.best)
        #expect(best.validation!.loss == losses.min())
        #expect(best.epoch == losses.firstIndex(of: losses.min()!)! + 1)
        #expect(result.history.count == best.epoch + 4)
        #expect(trainer.state.snapshot() == snapshots[best.epoch - 1])
        #expect(trainer.state.snapshot() != snapshots.last)
        #expect(try trainer.evaluate(validation).loss == best.validation!.loss)
    }

    /// Weights that are finite and too large for the next step are not what is gone back to.
    @Test func whatIsRestoredCouldTakeAStep() throws {
        let trainer = try Toy.trainer(Self.unbounded(), optimizer: SGD(learningRate: 0.1), epochs: 4)
        let recorder = trainer.recorded(), data = try Toy.blobs(48)
        recorder.action = { event in
            if case .epoch(let record) = event, record.epoch == 2 {
                trainer.state.parameters.storage.floats.update(repeating: 1e30)
            }
        }
        #expect(try trainer.fit(data).status == .diverged)
        #expect(try trainer.evaluate(data).loss.isFinite)
    }

    /// A validation loss that is no number is the best of none, even if it is the first.
    @Test func aFirstLossThatIsNoNumberIsNotTheBest() throws {
        let trainer = try Toy.trainer(Self.unbounded(), epochs: 3, callbacks: [EarlyStopping(patience: 3)])
        let recorder = trainer.recorded(), data = try Toy.blobs(48)
        var before: ModelState.Snapshot?
        recorder.action = { event in
            if case .step(3, _, _, _, _) = event {
                before = trainer.state.snapshot()
                trainer.state.parameters.storage.floats.update(repeating: .nan)
            }
            if case .epoch = event, let known = before {
                trainer.state.restore(known)
                before = nil
            }
        }
        let result = try trainer.fit(data, validation: data)
        let losses = result.history.map { $0.validation?.loss ?? .nan }
        #expect(losses.map(\.isFinite) == [false, true, true])
        #expect(result.best?.validation?.loss == min(losses[1], losses[2]))
        #expect(try trainer.evaluate(data).loss == result.best?.validation?.loss)
    }

    func watch(_ settings: EarlyStopping, _ losses: [Double]) -> Int? {
        var follower = settings.follow()
        return losses.firstIndex { follower.measured(loss: $0, on: "validation") != nil }
    }

    @Test func earlyStoppingCountsValidationsWithoutABetterOne() {
        #expect(watch(EarlyStopping(patience: 2), [3, 2, 2, 2, 1]) == 3)
        #expect(watch(EarlyStopping(patience: 2), [3, 2, 2.5, 1, 1.5, 1.2]) == 5)
        #expect(watch(EarlyStopping(patience: 1), [3, 2, 1, 0]) == nil)
        #expect(watch(EarlyStopping(patience: 3, minDelta: 0.5), [3, 2.8, 2.6, 2.4, 2.2, 2.1, 2]) == 6)
        #expect(watch(EarlyStopping(patience: 2), [.nan, 3, .nan, .nan, 1]) == 3)
        #expect(watch(EarlyStopping(patience: 2), [.nan, .infinity, 3]) == 1)
        #expect(watch(EarlyStopping(patience: 3), [-.infinity, 3, 2, 1]) == nil)
    }

    @Test func everyTrainingIsFollowedFromItsStart() throws {
        let trainer = try Toy.trainer(epochs: 3, callbacks: [EarlyStopping(patience: 3)])
        for _ in 0..<3 { #expect(try trainer.fit(Toy.blobs(30), validation: Toy.blobs(30)).history.count == 3) }
    }

    /// Without a bound on what its hidden values can grow to.
    static func unbounded() -> Sequential {
        Sequential {
            Linear(4, 12)
            ReLU()
            Linear(12, 3)
        }
    }

    static let explosive: [any Optimizer] = [
        SGD(learningRate: 1e20), SGD(learningRate: 1e38, momentum: 0.9), Adam(learningRate: 1e20),
    ]

    @Test(arguments: explosive.indices, [true, false]) func divergence(index: Int, isValidated: Bool) throws {
        let trainer = try Toy.trainer(Self.unbounded(), optimizer: Self.explosive[index], epochs: 20)
        let before = trainer.state.snapshot()
        let recorder = trainer.recorded()
        let data = try Toy.blobs(48)
        let result = try trainer.fit(data, validation: isValidated ? data : nil)
        #expect(result.status == .diverged)
        #expect(result.steps < 20 * 3)
        #expect(recorder.names.last == "stop diverged")
        #expect(trainer.state.isFinite)
        if result.best == nil { #expect(trainer.state.snapshot() == before) }
        #expect(try trainer.evaluate(data).loss.isFinite)
        // What the optimiser kept is no longer infinite either: a smaller rate can go on.
        trainer.learningRate = 1e-3
        #expect(try trainer.fit(data).status == .completed)
    }

    /// The last step of all has no next loss that would show what it did.
    @Test func aLastStepThatDivergesIsNoticed() throws {
        let trainer = try Toy.trainer(Sequential { Linear(4, 3) }, optimizer: SGD(learningRate: 1e38), epochs: 1)
        let data = try Dataset(
            name: "large", sampleShape: [4], inputs: (0..<64).map { Float($0) * 100 },
            targets: .classes((0..<16).map { Int32($0 % 3) }, names: ["a", "b", "c"]))
        let result = try trainer.fit(data)
        #expect(result.status == .diverged)
        #expect(result.steps == 1)
        #expect(trainer.state.isFinite)
    }

    @Test func anInterruptionKeepsWhatWasReached() throws {
        let trainer = try Toy.trainer(epochs: 5)
        let recorder = trainer.recorded()
        trainer.shouldInterrupt = { recorder.losses.count >= 5 }
        var reached: ModelState.Snapshot?
        recorder.action = { event in
            if case .step(5, _, _, _, _) = event { reached = trainer.state.snapshot() }
        }
        let result = try trainer.fit(Toy.blobs(48))
        #expect(result.status == .interrupted)
        #expect(result.steps == 5)
        #expect(result.history.count == 1)
        #expect(recorder.names.last == "stop interrupted")
        #expect(trainer.state.snapshot() == reached)
    }

    // Sameness

    @Test(arguments: [1, 4]) func aSeedDecidesEveryByte(threads: Int) throws {
        let data = try Toy.blobs(53), other = try Toy.blobs(40, seed: 2)
        func train(seed: Int) throws -> [[UInt32]] {
            let trainer = try Toy.trainer(
                epochs: 5, seed: seed, doctor: DoctorSettings(probeEvery: 4), threads: threads)
            let recorder = trainer.recorded()
            _ = try trainer.fit(data, validation: other)
            let state = trainer.state
            return [
                state.parameters.storage.floats.map(\.bitPattern), state.statistics.storage.floats.map(\.bitPattern),
                recorder.losses.map { Float($0).bitPattern },
            ]
        }
        let first = try train(seed: 1)
        #expect(try train(seed: 1) == first)
        let second = try train(seed: 2)
        for (first, second) in zip(first, second) { #expect(first != second) }
    }

    // Bad input

    @Test func aLabelOutOfRangeIsAnError() throws {
        let trainer = try Toy.trainer()
        let data = try Dataset(
            name: "labels", sampleShape: [4], inputs: [Float](repeating: 1, count: 32 * 4),
            targets: .classes((0..<32).map { Int32($0 % 5) }, names: ["a", "b", "c", "d", "e"]))
        #expect(throws: EngineError.self) { try trainer.fit(data) }
        #expect(throws: EngineError.self) { try trainer.evaluate(data) }
    }

    @Test func dataOfAnotherShapeIsAnError() throws {
        let trainer = try Toy.trainer()
        let wide = try Dataset(
            name: "wide", sampleShape: [5], inputs: [Float](repeating: 1, count: 5 * 40),
            targets: .classes([Int32](repeating: 0, count: 40), names: ["a"]))
        let good = try Toy.blobs(48)
        for data in [wide, try Toy.line(40)] {
            #expect(throws: EspalierError.self) { try trainer.fit(data) }
            #expect(throws: EspalierError.self) { try trainer.fit(good, validation: data) }
            #expect(throws: EspalierError.self) { try trainer.evaluate(data) }
        }
        let regression = try Toy.trainer(
            Toy.plainModel(outputs: 1), loss: MeanSquaredError(), metrics: [], targetShape: [1])
        #expect(throws: EspalierError.self) { try regression.fit(Toy.line(40)) }
        #expect(throws: EspalierError.self) { try regression.fit(good) }
    }

    @Test func batchesThatCannotBeTrainedOnAreErrors() throws {
        #expect(throws: EspalierError.self) { try Toy.trainer(dropLast: true).fit(Toy.blobs(12)) }
        #expect(throws: EspalierError.self) { try Toy.trainer().fit(Toy.blobs(33)) }
        #expect(throws: EspalierError.self) { try Toy.trainer(batchSize: 1).fit(Toy.blobs(12)) }
        #expect(try Toy.trainer(dropLast: true).fit(Toy.blobs(33)).status == .completed)
        #expect(try Toy.trainer(Toy.plainModel()).fit(Toy.blobs(33)).status == .completed)
        #expect(try Toy.trainer(Toy.plainModel(), batchSize: 1).fit(Toy.blobs(5)).status == .completed)
        // One sample alone can be evaluated.
        #expect(try Toy.trainer().evaluate(Toy.blobs(1)).loss.isFinite)
    }

    @Test func aStepOnOneSampleIsAnErrorWithBatchNormalisation() throws {
        let data = try Toy.blobs(8)
        #expect(throws: EspalierError.self) { try Toy.trainer().step(on: [3], of: data) }
        #expect(try Toy.trainer().step(on: [3, 4], of: data).isFinite)
        #expect(try Toy.trainer(Toy.plainModel()).step(on: [3], of: data).isFinite)
    }

    @Test func aModelWithoutParametersIsAnError() {
        #expect(throws: EspalierError.self) { try Toy.trainer(Sequential { ReLU() }) }
    }

    @Test func aPenaltyOnWeightsWhereThereAreNone() throws {
        let model = Sequential { BatchNorm(4) }
        let data = try Dataset(
            name: "few", sampleShape: [4], inputs: (0..<64).map { Float($0 % 7) },
            targets: .values((0..<64).map { Float($0 % 5) }, width: 4, names: ["a", "b", "c", "d"]))
        let trainer = try Toy.trainer(
            model, loss: MeanSquaredError(), metrics: [], penalty: WeightPenalty(l2: 0.1), targetShape: [4])
        #expect(try trainer.fit(data).status == .completed)
    }
}
