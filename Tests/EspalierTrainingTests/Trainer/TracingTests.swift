import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import Testing

@testable import EspalierTraining

/// A training traces what it must, once, and what it traced computes what the reference does.
@Suite(.serialized) struct TracingTests {
    /// Steps of float32 next to the same in double precision.
    func follow(
        _ model: () -> Sequential, _ trainer: Trainer, _ data: Dataset, loss: any Loss = CrossEntropyLoss(),
        optimizer: any Optimizer, penalty: WeightPenalty = WeightPenalty(), rates: (Int) -> Double,
        targetShape: Shape = []
    ) throws {
        let recorder = trainer.listeners.compactMap { $0 as? Recorder }.first ?? trainer.recorded()
        _ = try trainer.fit(data)
        var reference = try ReferenceTraining(
            model(), loss: loss, optimizer: optimizer, penalty: penalty, seed: trainer.settings.seed,
            targetShape: targetShape)
        var losses: [Double] = []
        for epoch in 1...trainer.settings.epochs {
            let order = DataOrder.permutation(count: data.count, seed: UInt64(trainer.settings.seed), epoch: epoch)
            for rows in Batches(order, size: trainer.settings.batchSize, dropLast: trainer.settings.dropLast) {
                losses.append(reference.take(rows, of: data, rate: rates(reference.step)))
            }
        }
        #expect(recorder.losses.count == losses.count)
        // 1e-5: some hundred steps of rounding, each carried on by the next.
        #expect(distance(recorder.losses, losses) < 1e-5)
        let state = trainer.state
        #expect(distance(state.parameters.storage.floats.map(Double.init), reference.parameters) < 1e-5)
        if state.statisticCount > 0 {
            #expect(distance(state.statistics.storage.floats.map(Double.init), reference.statistics) < 1e-5)
        }
    }

    @Test(arguments: [1, 4]) func aSmallerLastBatchIsRightAndTracedOnce(threads: Int) throws {
        let optimizer = SGD(learningRate: 0.05, momentum: 0.9), data = try Toy.blobs(53)
        let trainer = try Toy.trainer(optimizer: optimizer, epochs: 3, threads: threads)
        try follow({ Toy.model() }, trainer, data, optimizer: optimizer, rates: { _ in 0.05 })
        #expect(
            trainer.traces == [
                Trace(plan: "train, batch of 16", reason: "first use"),
                Trace(plan: "train, batch of 5", reason: "batch size 5 instead of 16"),
            ])
    }

    @Test func aChangedLearningRateHoldsFromTheNextStep() throws {
        let optimizer = SGD(learningRate: 0.05, momentum: 0.9), data = try Toy.blobs(48)
        let trainer = try Toy.trainer(optimizer: optimizer, epochs: 3)
        let recorder = trainer.recorded()
        recorder.action = { event in
            if case .step(4, _, _, _, _) = event { trainer.learningRate = 0.2 }
        }
        try follow({ Toy.model() }, trainer, data, optimizer: optimizer, rates: { $0 < 4 ? 0.05 : 0.2 })
        #expect(recorder.rates == [0.05, 0.05, 0.05, 0.05, 0.2, 0.2, 0.2, 0.2, 0.2])
        #expect(trainer.traces.count == 1)
    }

    @Test func aScheduleNeverRetraces() throws {
        let optimizer = Adam(learningRate: 0.02), data = try Toy.blobs(48)
        let schedule = ExponentialSchedule(decayTo: 0.5, every: 7)
        let trainer = try Toy.trainer(
            Toy.plainModel(), optimizer: optimizer, schedule: schedule, epochs: 10)
        try follow(
            { Toy.plainModel() }, trainer, data, optimizer: optimizer, rates: { 0.02 * schedule.factor(at: $0, of: 30) }
        )
        #expect(trainer.traces.count == 1)
    }

    @Test(arguments: [WeightPenalty.Target.weights, .all]) func aPenaltyIsPartOfTheStep(_ on: WeightPenalty.Target)
        throws
    {
        let optimizer = Adam(learningRate: 0.02), data = try Toy.blobs(48)
        let penalty = WeightPenalty(l2: 0.1, on: on)
        let trainer = try Toy.trainer(optimizer: optimizer, penalty: penalty, epochs: 4)
        #expect(trainer.state.groups.count == (on == .all ? 1 : 2))
        try follow({ Toy.model() }, trainer, data, optimizer: optimizer, penalty: penalty, rates: { _ in 0.02 })
    }

    @Test func valuesAreTargetsToo() throws {
        let optimizer = SGD(learningRate: 0.02), data = try Toy.line(40)
        let trainer = try Toy.trainer(
            Toy.plainModel(outputs: 2), loss: MeanSquaredError(), metrics: [MeanAbsoluteErrorMetric()],
            optimizer: optimizer, targetShape: [2])
        try follow(
            { Toy.plainModel(outputs: 2) }, trainer, data, loss: MeanSquaredError(), optimizer: optimizer,
            rates: { _ in 0.02 }, targetShape: [2])
    }

    /// A penalty on weights alone leaves what it spares as it is; one on all does not.
    @Test func aPenaltySparesBiasesAndNormalization() throws {
        func change(_ on: WeightPenalty.Target) throws -> Set<String> {
            // A rate so small that only a strong penalty moves a parameter.
            let trainer = try Toy.trainer(
                optimizer: SGD(learningRate: 1e-9), penalty: WeightPenalty(l2: 1e7, on: on), epochs: 1)
            for entry in trainer.state.parameters.entries where entry.path.hasSuffix("bias") {
                trainer.state.parameters.values(entry.path)!.update(repeating: 1)
            }
            let entries = trainer.state.parameters.entries
            let before = entries.map { Array(trainer.state.parameters.values($0.path)!) }
            _ = try trainer.fit(Toy.blobs(16))
            let after = entries.map { Array(trainer.state.parameters.values($0.path)!) }
            return Set(
                entries.indices.filter { index in
                    zip(before[index], after[index]).contains { abs($0 - $1) > 1e-4 * abs($0) }
                }.map { entries[$0].path })
        }
        #expect(try change(.weights) == ["0.weight", "4.weight"])
        #expect(try change(.all) == ["0.weight", "1.weight", "1.bias", "4.weight", "4.bias"])
    }

    @Test func gapsOfTheFlatBuffersStayZero() throws {
        let trainer = try Toy.trainer(penalty: WeightPenalty(l2: 0.1, on: .all), epochs: 34)
        _ = try trainer.fit(Toy.blobs(48))
        let parameters = trainer.state.parameters
        var isGap = [Bool](repeating: true, count: parameters.storage.count)
        for entry in parameters.entries {
            for index in entry.offset..<entry.offset + entry.shape.count { isGap[index] = false }
        }
        #expect(isGap.contains(true))
        for index in isGap.indices where isGap[index] { #expect(parameters.storage.floats[index] == 0) }
        #expect(parameters.entries.allSatisfy { $0.offset % 16 == 0 })
        #expect(UInt(bitPattern: parameters.storage.pointer) % 64 == 0)
    }

    @Test func nothingGrowsAfterTheFirstEpoch() throws {
        let train = try Toy.blobs(50), validation = try Toy.blobs(300, seed: 2)
        let trainer = try Toy.trainer(epochs: 6)
        let recorder = trainer.recorded()
        var bytes: [Int] = [], traces: [Int] = []
        recorder.action = { event in
            guard case .epoch = event else { return }
            bytes.append(trainer.bytes)
            traces.append(trainer.traces.count)
        }
        _ = try trainer.fit(train, validation: validation)
        #expect(Set(bytes).count == 1 && bytes.count == 6)
        #expect(bytes[0] > trainer.state.parameterCount * 4)
        #expect(
            trainer.traces.map(\.plan) == [
                "train, batch of 16", "train, batch of 2", "evaluate, batch of 256", "evaluate, batch of 44",
            ])
        #expect(Set(traces) == [4])
        _ = try trainer.evaluate(validation)
        #expect(trainer.traces.count == 4)
        let inputs = [Float](repeating: 1, count: 4 * 300)
        for _ in 0..<3 { #expect(try trainer.predict(inputs).count == 900) }
        #expect(trainer.traces.dropFirst(4).map(\.plan) == ["predict, batch of 256", "predict, batch of 44"])
        #expect(trainer.traces.map(\.reason).filter { $0 == "first use" }.count == 3)
        _ = try trainer.fit(train, validation: validation)
        #expect(trainer.traces.count == 6)
    }

    @Test func theEngineCompilesNoMoreThanWasTraced() throws {
        let engine = Engine(threads: 1)
        let trainer = try Trainer(
            Toy.model(), loss: CrossEntropyLoss(), optimizer: Adam(),
            settings: TrainingSettings(epochs: 5, batchSize: 16), doctor: DoctorSettings(probeEvery: 4),
            sampleShape: [4], engine: engine)
        let data = try Toy.blobs(48)
        _ = try trainer.fit(data, validation: data)
        #expect(engine.compilationCount == 3)
        #expect(trainer.traces.map(\.plan) == ["probe, batch of 16", "train, batch of 16", "evaluate, batch of 48"])
    }

    @Test func modesAreThoseOfThePlan() throws {
        let optimizer = Adam(learningRate: 0.01), data = try Toy.blobs(48), other = try Toy.blobs(40, seed: 3)
        let trainer = try Toy.trainer(optimizer: optimizer, epochs: 1)
        var reference = try ReferenceTraining(Toy.model(), optimizer: optimizer)
        func check() throws {
            let first = try trainer.evaluate(other).loss
            #expect(first == (try trainer.evaluate(other).loss))
            #expect(abs(first / reference.evaluate(other) - 1) < 1e-5)
            let inputs = other.inputs
            let logits = try trainer.predict(inputs)
            #expect(try trainer.predict(inputs) == logits)
            #expect(logits.count == 120)
        }
        _ = try trainer.fit(data)
        let order = DataOrder.permutation(count: 48, seed: 5, epoch: 1)
        for _ in 0..<2 {
            for rows in Batches(order, size: 16) { _ = reference.take(rows, of: data, rate: 0.01) }
            try check()
            let statistics = Array(trainer.state.statistics.storage.floats)
            #expect(distance(statistics.map(Double.init), reference.statistics) < 1e-5)
            guard reference.step == 3 else { break }
            // Back to training: dropout and batch statistics are on again.
            _ = try trainer.fit(data)
        }
        #expect(trainer.state.mode == .inference)
    }

    /// Against the model itself, its mode set by hand: what a plan was traced in cannot hide behind another plan.
    @Test func stepsTrainAndEvaluationsInfer() throws {
        let data = try Toy.blobs(16), trainer = try Toy.trainer(epochs: 1), state = trainer.state
        func loss(_ mode: Mode, _ rows: [Int]) -> Double {
            let x = Tensor.input("x", [16, 4]), labels = Tensor.input("labels", [16], .int32)
            state.mode = mode
            defer { state.mode = .inference }
            let loss = state.model(x).crossEntropy(labels: labels).mean()
            for (_, slot) in state.contents.statistics { _ = slot.takeNext() }
            let batch = ReferenceTraining.batch(rows, of: data)
            return Reference.evaluate([loss], [x: batch[0], labels: batch[1]])[0].values[0]
        }
        state.setKey(RandomKey(seed: 5, step: 1))
        let inTraining = loss(.training, DataOrder.permutation(count: 16, seed: 5, epoch: 1))
        let recorder = trainer.recorded()
        _ = try trainer.fit(data)
        #expect(abs(recorder.losses[0] / inTraining - 1) < 1e-6)
        let inInference = loss(.inference, Array(0..<16))
        #expect(abs(try trainer.evaluate(data).loss / inInference - 1) < 1e-6)
        #expect(abs(loss(.training, Array(0..<16)) / inInference - 1) > 1e-3)
    }

    @Test func aProbeSeesTheStepAndLeavesItAsItIs() throws {
        let data = try Toy.blobs(48)
        let plain = try Toy.trainer(), probed = try Toy.trainer(doctor: DoctorSettings(probeEvery: 3))
        let recorder = probed.recorded()
        _ = try plain.fit(data)
        let before = Array(probed.state.parameters.storage.floats)
        _ = try probed.fit(data)
        let distances = zip(
            plain.state.parameters.storage.floats.map(Double.init),
            probed.state.parameters.storage.floats.map(Double.init))
        #expect(distances.allSatisfy { abs($0 - $1) < 1e-6 })
        let probes = recorder.events.compactMap { event -> (Int, [ParameterProbe])? in
            if case .probe(let probe) = event { (probe.step, probe.parameters) } else { nil }
        }
        #expect(probes.map(\.0) == [1, 4, 7, 10])
        let first = probes[0].1
        #expect(first.map(\.path) == probed.state.parameters.entries.map(\.path))
        for (entry, probe) in zip(probed.state.parameters.entries, first) {
            let values = before[entry.offset..<entry.offset + entry.shape.count]
            let norm = values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(abs(probe.weightNorm - norm) < 1e-5 * max(1, norm))
            // Adam's first step is lr sign(g) wherever there is a gradient.
            #expect(probe.updateNorm <= 0.01 * Double(entry.shape.count).squareRoot() * 1.0001)
            #expect(probe.gradientNorm > 0)
        }
    }
}
