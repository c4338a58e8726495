import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Foundation
import Synchronization
import Testing

@testable import EspalierData
@testable import EspalierTraining

/// Samples that are read from memory as from a file; one may be damaged, or hang until it is let go.
final class ToyStore: SampleStore {
    let data: Dataset, damaged: Int?, hanging: Int?
    let gate = DispatchSemaphore(value: 0)

    init(_ data: Dataset, damaged: Int? = nil, hanging: Int? = nil) {
        (self.data, self.damaged, self.hanging) = (data, damaged, hanging)
    }

    var count: Int { data.count }

    func read(_ row: Int, into sample: UnsafeMutableBufferPointer<Float>) throws {
        if row == hanging { gate.wait() }
        if row == damaged { throw EspalierError("the picture is damaged", at: place(of: row)) }
        if let start = sample.baseAddress { try data.copyInputs([row], to: start) }
    }

    func place(of row: Int) -> String? { "sample\(row).png" }

    var dataset: Dataset {
        get throws { try Dataset(name: data.name, sampleShape: data.sampleShape, samples: self, targets: data.targets) }
    }
}

/// What a training comes to depends neither on who makes its batches nor on where its samples are.
@Suite struct LoaderTests {
    /// Every part that a batch goes through: samples changed and mixed, steps of several batches, a last partial one.
    static func trainer(
        _ loader: LoaderSettings, augmentations: [any Augmentation] = [Noise(std: 0.1), MixUp(alpha: 0.4)],
        epochs: Int = 3
    ) throws -> Trainer {
        try Trainer(
            Toy.model(), loss: CrossEntropyLoss(), metrics: [Accuracy()], optimizer: Adam(learningRate: 0.01),
            gradient: GradientSettings(accumulate: 3),
            settings: TrainingSettings(epochs: epochs, batchSize: 20, seed: 5),
            sampleShape: [4], augmentations: augmentations, loader: loader, engine: Engine(threads: 2))
    }

    struct Outcome: Equatable {
        var losses: [Double], weights: [Float], validation: [Double]
    }

    static func outcome(_ trainer: Trainer, _ train: Dataset, _ validation: Dataset) throws -> Outcome {
        let recorder = trainer.recorded()
        let result = try trainer.fit(train, validation: validation)
        return Outcome(
            losses: recorder.losses, weights: Array(trainer.state.parameters.storage.floats),
            validation: result.history.map(\.monitoredLoss))
    }

    @Test func neitherThreadsNorPrefetchChangeATraining() throws {
        let (train, validation) = (try Toy.blobs(110), try Toy.blobs(40, seed: 2))
        let expected = try Self.outcome(Self.trainer(LoaderSettings(threads: 0)), train, validation)
        #expect(expected.losses.count == 3 * 2)
        for (threads, prefetch) in [(1, 1), (1, 4), (2, 1), (2, 3), (4, 2), (4, 16)] {
            let trainer = try Self.trainer(LoaderSettings(threads: threads, prefetch: prefetch))
            #expect(try Self.outcome(trainer, train, validation) == expected, "\(threads) threads, \(prefetch) batches")
        }
        let plain = try Self.outcome(Self.trainer(LoaderSettings(threads: 2), augmentations: []), train, validation)
        #expect(plain.losses != expected.losses)
    }

    @Test(arguments: [0, 2]) func storesEqualMemory(threads: Int) throws {
        let (train, validation) = (try Toy.blobs(110), try Toy.blobs(40, seed: 2))
        let expected = try Self.outcome(Self.trainer(LoaderSettings(threads: 0)), train, validation)
        let trainer = try Self.trainer(LoaderSettings(threads: threads))
        let stored = try (ToyStore(train).dataset, ToyStore(validation).dataset)
        #expect(try Self.outcome(trainer, stored.0, stored.1) == expected)
        #expect(try trainer.evaluate(stored.1) == trainer.evaluate(validation))
        #expect(
            try stored.1.confusion(with: trainer.predictions(for: stored.1), classes: 3)
                == validation.confusion(with: trainer.predictions(for: validation), classes: 3))
        #expect(try trainer.predict(stored.1) == trainer.predict(validation.inputs))
        #expect(try trainer.predictions(for: stored.1) == trainer.predictions(for: validation.inputs))
        let range = try LearningRateRangeTest(steps: 10)
        #expect(try range.run(trainer, on: stored.0).points == range.run(trainer, on: train).points)
        try trainer.refreshStatistics(on: stored.0)
        let statistics = Array(trainer.state.statistics.storage.floats)
        try trainer.refreshStatistics(on: train)
        #expect(Array(trainer.state.statistics.storage.floats) == statistics)
        #expect(
            try stored.1.features(of: trainer.state, batchSize: 16)
                == validation.features(of: trainer.state, batchSize: 16))
    }

    /// An array in a file, split and scaled as a configuration says, in memory and left where it is.
    @Test func arraysInAFileTrainToTheSameBytes() throws {
        let folder = try TemporaryFolder(), rows = 120
        var random = RandomStream(seed: 4, "array")
        let values = (0..<rows * 5).map { $0 % 5 == 4 ? Float($0 / 5 % 3) : Float(random.normal()) * 3 + 1 }
        let header = Array("{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), 5), }\n".utf8)
        let path = try folder.put(
            [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count), 0] + header
                + values.flatMap { withUnsafeBytes(of: $0, Array.init) }, as: "table.npy")
        func weights(_ inMemory: Bool, threads: Int) throws -> [Float] {
            let text = """
                data:
                  source: {npy: {path: \(path), inMemory: \(inMemory), task: classification}}
                  scale: standard
                  loader: {threads: \(threads)}
                model: [linear: {units: 8, initializer: lsuv}, batchNorm, relu, linear: {units: auto}]
                augment: [{noise: {std: 0.1}}]
                averaging: {swa: {start: 1}}
                training: {epochs: 2, batchSize: 16, seed: 3}
                """
            let prepared = try Experiment(configuration: YAML.parse(text, file: "test.yaml")).prepare()
            #expect(prepared.data.train.isStored == !inMemory)
            let trainer = try prepared.makeTrainer(engine: Engine(threads: 2))
            _ = try trainer.fit(prepared.data.train, validation: prepared.data.validation)
            return Array(trainer.state.parameters.storage.floats) + Array(trainer.state.statistics.storage.floats)
        }
        let expected = try weights(true, threads: 0)
        #expect(try weights(false, threads: 0) == expected)
        #expect(try weights(false, threads: 3) == expected)
    }

    /// A loader that begins in the middle of an epoch gives what is left of it.
    @Test func beginsInTheMiddleOfAnEpoch() throws {
        let data = try Toy.blobs(50), augmenter = try Self.trainer(LoaderSettings()).augmenter
        let filler = BatchFiller(data, augmenter, epoch: 3)
        let rows = Batches(DataOrder.permutation(count: 50, seed: 1, epoch: 3), size: 16)
        let requests = rows.enumerated().map { BatchRequest(rows: $1, draw: 7 + $0) }
        func batches(_ requests: [BatchRequest]) throws -> [[Float]] {
            let loader = try BatchLoader(requests, filler, threads: 2, settings: LoaderSettings())
            defer { loader.stop() }
            return try requests.map { request in
                let inputs = Storage(count: request.rows.count * 4), targets = Storage(count: request.rows.count * 3)
                try loader.next(request.rows, inputs: inputs, targets: targets, threads: 1)
                return Array(inputs.floats) + Array(targets.floats)
            }
        }
        let all = try batches(requests)
        #expect(all.count == 4 && all.last?.count == 2 * 7)
        #expect(try batches(Array(requests[2...])) == Array(all[2...]))
    }

    @Test(arguments: [0, 1, 3]) func aDamagedSampleEndsTheTraining(threads: Int) throws {
        let store = try ToyStore(Toy.blobs(110), damaged: 61)
        let trainer = try Self.trainer(LoaderSettings(threads: threads))
        let error = #expect(throws: EspalierError.self) { try trainer.fit(store.dataset) }
        #expect(error?.what == "the picture is damaged" && error?.location == "sample61.png")
        // Nothing is left of it that another training could stumble over.
        #expect(try trainer.fit(Toy.blobs(110)).status == .completed)
    }

    @Test func aSampleThatHangsIsNamed() throws {
        let store = try ToyStore(Toy.blobs(110), hanging: 33)
        defer { store.gate.signal() }
        let trainer = try Self.trainer(LoaderSettings(threads: 2, timeout: 0.2))
        let error = #expect(throws: EspalierError.self) { try trainer.fit(store.dataset) }
        #expect(error?.location == "blobs, row 34 (sample33.png)")
        #expect(error?.what.contains("0.2 seconds") == true)
    }

    @Test func anInterruptEndsTheLoader() throws {
        weak var left: ToyStore?
        do {
            let store = try ToyStore(Toy.blobs(110))
            left = store
            let trainer = try Self.trainer(LoaderSettings(threads: 3, prefetch: 2), epochs: 100)
            var steps = 0
            trainer.shouldInterrupt = {
                steps += 1
                return steps == 5
            }
            #expect(try trainer.fit(store.dataset).status == .interrupted)
        }
        // A thread that went on would keep what it reads from.
        for _ in 0..<2000 where left != nil { usleep(5000) }
        #expect(left == nil)
    }

    @Test func severalTrainingsSideBySide() throws {
        let (train, validation) = (try Toy.blobs(110), try Toy.blobs(40, seed: 2))
        let expected = try Self.outcome(Self.trainer(LoaderSettings(threads: 0)), train, validation)
        let outcomes = Mutex<[Outcome]>([])
        DispatchQueue.concurrentPerform(iterations: 4) { number in
            guard let trainer = try? Self.trainer(LoaderSettings(threads: 1 + number % 3)),
                let outcome = try? Self.outcome(trainer, train, validation)
            else { return }
            outcomes.withLock { $0.append(outcome) }
        }
        #expect(outcomes.withLock { $0 } == [Outcome](repeating: expected, count: 4))
    }

    @Test func theShareOfWaitingIsTold() throws {
        for threads in [0, 2] {
            let trainer = try Self.trainer(LoaderSettings(threads: threads))
            let result = try trainer.fit(Toy.blobs(110))
            let shares = result.history.map(\.waitingShare) + [result.waitingShare]
            #expect(shares.count == 4)
            for share in shares { #expect(try (0.0...1).contains(#require(share))) }
        }
    }

    @Test func theDataDecidesHowManyThreads() throws {
        let memory = try Toy.blobs(20), stored = try ToyStore(memory).dataset
        func threads(_ data: Dataset, _ isAugmented: Bool, _ loader: LoaderSettings = LoaderSettings()) -> Int {
            loader.threads(for: data, isAugmented: isAugmented, engineThreads: 4)
        }
        #expect(threads(memory, false) == 0 && threads(memory, true) == 4 && threads(stored, false) == 4)
        #expect(LoaderSettings().threads(for: stored, isAugmented: true, engineThreads: 64) == 8)
        #expect(threads(memory, false, LoaderSettings(threads: 2)) == 2)
        #expect(threads(stored, true, LoaderSettings(threads: 0)) == 0)
    }

    @Test func settings() throws {
        func settings(_ text: String) throws -> LoaderSettings {
            try Experiment(configuration: YAML.parse("data: {source: iris\(text)}", file: "test.yaml")).data.loader
        }
        #expect(try settings("") == LoaderSettings(threads: nil, prefetch: 4, timeout: 60))
        #expect(
            try settings(", loader: {threads: 3, prefetch: 8, timeout: 5}")
                == LoaderSettings(threads: 3, prefetch: 8, timeout: 5))
        for wrong in ["threads: -1", "threads: 65", "prefetch: 0", "timeout: 0", "workers: 2"] {
            #expect(throws: EspalierError.self) { try settings(", loader: {\(wrong)}") }
        }
    }
}
