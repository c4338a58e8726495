import EspalierData
import EspalierEngine
import EspalierNN
import EspalierSpec
import Foundation
import Testing

@testable import EspalierTraining

/// What a training leads to, byte for byte.
struct Outcome: Equatable {
    var parameters: [UInt32]
    var statistics: [UInt32]
    var slots: [[UInt32]]
    /// As text, in which no number is one too.
    var history: [String]
    var best: Int?
    var status: String
    var steps: Int

    init(_ trainer: Trainer, _ result: TrainingResult) {
        parameters = trainer.state.parameters.storage.floats.map(\.bitPattern)
        statistics = trainer.state.statistics.storage.floats.map(\.bitPattern)
        slots = trainer.plans.slots.map { $0.floats.map(\.bitPattern) }
        history = result.history.map { record in
            var record = record
            record.seconds = 0
            record.waitingShare = nil
            return "\(record)"
        }
        best = result.best?.epoch
        status = "\(result.status) \(result.message)"
        steps = result.steps
    }
}

/// A callback of a user's own, which remembers something.
struct Counting: Callback {
    static let name = "counting"
    static let summary = "Ends a training after so many epochs"
    static let fields: [Field<Self>] = []
    var limit = 3

    func follow() -> any Follower { Count(limit: limit) }

    struct Count: Follower {
        let limit: Int
        var memory = 0

        mutating func epochEnded(_ record: EpochRecord) -> String? {
            memory += 1
            return memory == limit ? "counted to \(limit)" : nil
        }
    }
}

@Suite struct ResumeTests {
    /// A kind of training, and its data.
    struct Kind: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let isValidated: Bool
        let count: Int
        let trainer: @Sendable (_ threads: Int) throws -> Trainer

        init(
            _ name: String, isValidated: Bool = true, count: Int = 53,
            _ trainer: @escaping @Sendable (_ threads: Int) throws -> Trainer
        ) {
            testDescription = name
            self.isValidated = isValidated
            self.count = count
            self.trainer = trainer
        }

        func data() throws -> (Dataset, Dataset?) {
            (try Toy.blobs(count, noise: 1.5), isValidated ? try Toy.chance(40, seed: 2) : nil)
        }

        func train(
            threads: Int = 1, in folder: String? = nil, until step: Int = .max, resuming: Bool = false
        ) throws -> (Trainer, TrainingResult) {
            let (train, validation) = try data()
            let trainer = try trainer(threads)
            trainer.checkpointPath = folder
            trainer.shouldInterrupt = { trainer.step >= step }
            let found = resuming ? try trainer.newestCheckpoint(of: train, validation: validation).checkpoint : nil
            if resuming { #expect(found != nil) }
            return (trainer, try trainer.fit(train, validation: validation, resuming: found))
        }
    }

    static let kinds = [
        Kind("early stopping and the best epoch") { threads in
            try Toy.trainer(
                optimizer: Adam(learningRate: 0.05), epochs: 12, callbacks: [EarlyStopping(patience: 3)],
                threads: threads)
        },
        Kind("a schedule that follows the loss") { threads in
            try Toy.trainer(
                optimizer: Momentum(learningRate: 0.5), schedule: PerformanceSchedule(decayTo: 0.5, patience: 0),
                epochs: 5, threads: threads)
        },
        Kind("measured by steps") { threads in
            try Toy.trainer(
                optimizer: Momentum(learningRate: 0.3), schedule: PerformanceSchedule(decayTo: 0.5, patience: 1),
                averaging: .ema(ExponentialAverage(decay: 0.5)), epochs: 7, evaluateEvery: .steps(3),
                callbacks: [EarlyStopping(patience: 5)], threads: threads)
        },
        Kind("without validation", isValidated: false) { threads in
            try Toy.trainer(
                optimizer: RMSProp(learningRate: 0.01), schedule: CosineSchedule(), epochs: 4, threads: threads)
        },
        Kind("an average of steps, clipping") { threads in
            try Toy.trainer(
                gradient: GradientSettings(clipNorm: 0.3),
                averaging: .ema(ExponentialAverage(decay: 0.9, refresh: true)),
                epochs: 4, doctor: DoctorSettings(probeEvery: 3), threads: threads)
        },
        Kind("an average of epochs", isValidated: false) { threads in
            try Toy.trainer(averaging: .swa(StochasticWeightAverage(start: 2, rate: 0.5)), epochs: 4, threads: threads)
        },
        Kind("an average beside what would begin to learn after the end", isValidated: false) { threads in
            try Toy.trainer(
                groups: [ParameterGroup(match: "1", frozen: true, unfreezeAt: 4)],
                averaging: .swa(StochasticWeightAverage(start: 2)), epochs: 3, threads: threads)
        },
        Kind("accumulation and groups") { threads in
            try Toy.trainer(
                gradient: GradientSettings(accumulate: 3),
                groups: [
                    ParameterGroup(match: "0", frozen: true, unfreezeAt: 2),
                    ParameterGroup(match: "4", rateFactor: 0.1),
                ],
                epochs: 4, batchSize: 8, threads: threads)
        },
        Kind("L-BFGS") { threads in
            try Toy.trainer(
                Toy.plainModel(), optimizer: LBFGS(maxIterations: 4, historySize: 3, lineSearch: .strongWolfe),
                epochs: 4,
                batchSize: 53, threads: threads)
        },
        Kind("optimisers by parameter, penalties and constraints") { threads in
            try Toy.trainer(
                optimizer: Muon(), penalty: WeightPenalty(l2: 0.01, maxNorm: 1.5), epochs: 3, threads: threads)
        },
        Kind("a callback of one's own") { threads in
            try Toy.trainer(epochs: 6, callbacks: [Counting(limit: 4)], threads: threads)
        },
        Kind("first weights scaled by the first batch") { threads in
            let model = Sequential {
                Linear(4, 16, initializer: LSUV())
                ReLU()
                Dropout(p: 0.2)
                Linear(16, 3)
            }
            return try Toy.trainer(model, averaging: .ema(ExponentialAverage(decay: 0.5)), epochs: 3, threads: threads)
        },
        Kind("steps that are left out") { threads in
            let trainer = try Trainer(
                TrainerTests.unbounded(), loss: CrossEntropyLoss(), metrics: [Accuracy()],
                optimizer: SGD(learningRate: 1e19),
                settings: TrainingSettings(
                    epochs: 3, batchSize: 16, seed: 5, nonFinite: .skip, nonFiniteLimit: 9),
                sampleShape: [4], engine: Engine(threads: threads))
            return trainer
        },
        Kind("going back") { threads in
            try Trainer(
                TrainerTests.unbounded(), loss: CrossEntropyLoss(), metrics: [Accuracy()],
                optimizer: SGD(learningRate: 1e20, momentum: 0.9),
                settings: TrainingSettings(
                    epochs: 4, batchSize: 16, seed: 5, nonFinite: .rollBack, nonFiniteLimit: 40, rollBackFactor: 0.01),
                sampleShape: [4], engine: Engine(threads: threads))
        },
    ]

    /// After every step, whichever it is, and with another number of threads.
    @Test(arguments: kinds) func aResumedTrainingComesToTheSameBytes(_ kind: Kind) throws {
        let (trainer, result) = try kind.train()
        let expected = Outcome(trainer, result)
        #expect(expected.steps > 2)
        for step in 1..<expected.steps {
            let folder = try TemporaryFolder()
            let (_, first) = try kind.train(in: folder.path, until: step)
            #expect(first.status == .interrupted)
            let (resumed, second) = try kind.train(threads: step % 2 + 1, in: folder.path, resuming: true)
            let outcome = Outcome(resumed, second)
            #expect(outcome == expected, "after step \(step)")
        }
    }

    /// Interrupted again and again.
    @Test(arguments: kinds.prefix(4)) func oneStepAtATime(_ kind: Kind) throws {
        let (trainer, result) = try kind.train()
        let expected = Outcome(trainer, result)
        let folder = try TemporaryFolder()
        _ = try kind.train(in: folder.path, until: 1)
        for step in 2..<expected.steps { _ = try kind.train(in: folder.path, until: step, resuming: true) }
        let (resumed, second) = try kind.train(in: folder.path, resuming: true)
        #expect(Outcome(resumed, second) == expected)
        // What has ended ends in the same way once more.
        let (again, third) = try kind.train(in: folder.path, resuming: true)
        #expect(Outcome(again, third) == expected)
    }

    /// The same with checkpoints written beside the training instead of at its interruption.
    @Test func aCheckpointOnTheWayIsAsGood() throws {
        let kind = Kind("on the way") { threads in
            try Toy.trainer(
                averaging: .ema(ExponentialAverage(decay: 0.9)), epochs: 6,
                callbacks: [Checkpointing(every: 2, keep: 100), EarlyStopping(patience: 4)], threads: threads)
        }
        let folder = try TemporaryFolder()
        let (trainer, result) = try kind.train(in: folder.path)
        let expected = Outcome(trainer, result)
        let names = CheckpointFolder(path: folder.path).names
        #expect(names.count >= 2)
        for name in names {
            let (train, validation) = try kind.data()
            let other = try kind.trainer(1)
            let snapshot = try CheckpointFile.read(folder.file(name))
            let checkpoint = Checkpoint(path: folder.file(name), snapshot: snapshot)
            let resumed = try other.fit(train, validation: validation, resuming: checkpoint)
            #expect(Outcome(other, resumed) == expected, "\(name)")
        }
    }

    @Test func aCheckpointOfAnotherTrainingIsRefused() throws {
        let folder = try TemporaryFolder()
        let kind = Self.kinds[0]
        _ = try kind.train(in: folder.path, until: 3)
        let (train, validation) = try kind.data()
        let others = [
            try Toy.trainer(optimizer: Adam(learningRate: 0.06), epochs: 12, callbacks: [EarlyStopping(patience: 3)]),
            try Toy.trainer(Toy.plainModel(), optimizer: Adam(learningRate: 0.05), epochs: 12),
            try Toy.trainer(optimizer: Adam(learningRate: 0.05), epochs: 13, callbacks: [EarlyStopping(patience: 3)]),
            try Toy.trainer(optimizer: Adam(learningRate: 0.05), epochs: 12),
        ]
        for trainer in others {
            trainer.checkpointPath = folder.path
            let before = trainer.state.snapshot()
            let (checkpoint, unusable) = try trainer.newestCheckpoint(of: train, validation: validation)
            #expect(checkpoint == nil && unusable.count == 1)
            #expect(unusable.first?.expected == "one that this run wrote")
            let name = try #require(CheckpointFolder(path: folder.path).names.first)
            let foreign = Checkpoint(path: name, snapshot: try CheckpointFile.read(folder.file(name)))
            #expect(throws: EspalierError.self) { try trainer.fit(train, validation: validation, resuming: foreign) }
            #expect(trainer.state.snapshot() == before)
        }
        let trainer = try kind.trainer(1)
        trainer.checkpointPath = folder.path
        #expect(try trainer.newestCheckpoint(of: train, validation: validation).checkpoint?.step == 3)
        #expect(try trainer.newestCheckpoint(of: Toy.blobs(54), validation: validation).checkpoint == nil)
        // As many samples, of which one, or one label, is another.
        for (sample, label) in [(Float(9), Int32(0)), (nil, 2)] {
            var inputs = train.inputs
            guard case .classes(var labels, let names) = train.targets else { return }
            inputs[0] = sample ?? inputs[0]
            labels[0] = label
            let other = try Dataset(
                name: "blobs", sampleShape: [4], inputs: inputs, targets: .classes(labels, names: names))
            #expect(try trainer.newestCheckpoint(of: other, validation: validation).checkpoint == nil)
            #expect(try trainer.newestCheckpoint(of: train, validation: other).checkpoint == nil)
        }
    }

    /// Killed after the last checkpoint and before anything was made of it.
    @Test(arguments: kinds) func anEndedTrainingEndsAgain(_ kind: Kind) throws {
        let folder = try TemporaryFolder()
        let (trainer, result) = try kind.train(in: folder.path)
        let (resumed, again) = try kind.train(in: folder.path, resuming: true)
        #expect(Outcome(resumed, again) == Outcome(trainer, result))
    }

    @Test func severalTrainingsInOneProcess() throws {
        let kinds = [Self.kinds[0], Self.kinds[3]]
        let expected = try kinds.map { kind in
            let (trainer, result) = try kind.train()
            return Outcome(trainer, result)
        }
        let folders = [try TemporaryFolder(), try TemporaryFolder()]
        for (kind, folder) in zip(kinds, folders) { _ = try kind.train(in: folder.path, until: 5) }
        for (index, kind) in kinds.enumerated() {
            let (trainer, result) = try kind.train(in: folders[index].path, resuming: true)
            #expect(Outcome(trainer, result) == expected[index])
        }
    }

    @Test func aTimeLimitInterrupts() throws {
        let folder = try TemporaryFolder()
        let trainer = try Toy.trainer(epochs: 1_000_000, callbacks: [TimeLimit(minutes: 1e-9)])
        trainer.checkpointPath = folder.path
        let result = try trainer.fit(Toy.blobs(48))
        #expect(result.status == .interrupted && result.steps == 1)
        #expect(result.message.contains("time limit"))
        #expect(CheckpointFolder(path: folder.path).names.count == 1)
    }
}
