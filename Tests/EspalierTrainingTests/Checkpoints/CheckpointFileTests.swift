import EspalierSpec
import EspalierTestSupport
import Foundation
import Testing

@testable import EspalierTraining

@Suite struct CheckpointFileTests {
    static func snapshot() throws -> TrainingSnapshot {
        let folder = try TemporaryFolder()
        let trainer = try Toy.trainer(
            averaging: .ema(ExponentialAverage(decay: 0.9)), epochs: 3, callbacks: [EarlyStopping()])
        trainer.checkpointPath = folder.path
        trainer.shouldInterrupt = { trainer.step == 5 }
        _ = try trainer.fit(Toy.blobs(48), validation: Toy.blobs(20, seed: 2))
        return try CheckpointFile.read(folder.file("step-00000005.checkpoint"))
    }

    static func bytes(_ snapshot: TrainingSnapshot) throws -> [UInt8] {
        let folder = try TemporaryFolder()
        try CheckpointFile.write(snapshot, to: folder.file("x"))
        return try EspalierTrainingTests.bytes(of: folder.file("x"))
    }

    @Test func whatIsWrittenIsRead() throws {
        var snapshot = try Self.snapshot()
        snapshot.buffers.append(.init("odd", [Float.nan, -0.0, .infinity]))
        snapshot.buffers.append(.init("double", [0.1, -Double.infinity]))
        snapshot.buffers.append(.init("none", [Float]()))
        snapshot.header.learningRate = 0.1 + 0.2
        snapshot.header.history[0].train.loss = .infinity
        let bytes = try Self.bytes(snapshot)
        let read = try CheckpointFile.parse(bytes, at: "x")
        #expect(read.header.learningRate == 0.1 + 0.2)
        #expect(read.header.history == snapshot.header.history)
        #expect(read.floats("odd")?.map(\.bitPattern) == [Float.nan, -0.0, .infinity].map(\.bitPattern))
        #expect(read.doubles("double") == [0.1, -.infinity])
        #expect(read.floats("none") == [])
        #expect(read.floats("parameters") == snapshot.floats("parameters"))
        #expect(try Self.bytes(read) == bytes)
    }

    @Test func everyLengthButTheWholeIsTorn() throws {
        let bytes = try Self.bytes(Self.snapshot())
        for length in Array(0..<200) + stride(from: 200, to: bytes.count, by: 97) + [bytes.count - 1] {
            let found = error { try CheckpointFile.parse(Array(bytes.prefix(length)), at: "x") }
            #expect(found?.what.contains("torn") == true, "\(length): \(found?.what ?? "read")")
        }
        #expect(error { try CheckpointFile.parse(bytes + [0], at: "x") }?.what.contains("torn") == true)
    }

    @Test func everyFlippedBitIsFound() throws {
        let bytes = try Self.bytes(Self.snapshot())
        for place in stride(from: 0, to: bytes.count, by: 7) {
            var damaged = bytes
            damaged[place] ^= 1 << UInt8(place % 8)
            #expect(error { try CheckpointFile.parse(damaged, at: "x") } != nil, "byte \(place)")
        }
    }

    @Test func foreignFilesAndOtherVersionsAreNamed() throws {
        let bytes = try Self.bytes(Self.snapshot())
        var other = bytes
        other[8] = 2
        #expect(error { try CheckpointFile.parse(other, at: "x") }?.what == "the checkpoint is of version 2")
        let text = Array("a text that has nothing to do with checkpoints".utf8)
        #expect(error { try CheckpointFile.parse(text, at: "x") }?.what == "the file is no checkpoint")
        let folder = try TemporaryFolder()
        #expect(error { try CheckpointFile.read(folder.path) }?.location == folder.path)
        #expect(error { try CheckpointFile.read(folder.file("missing")) } != nil)
    }

    /// The newest that can be used is found, and it is said why the others cannot.
    @Test func theOneBeforeIsUsed() throws {
        let snapshot = try Self.snapshot(), bytes = try Self.bytes(snapshot)
        let folder = try TemporaryFolder()
        try folder.put(bytes, as: "step-00000005.checkpoint")
        try folder.put(Array(bytes.dropLast(9)), as: "step-00000006.checkpoint")
        try folder.put([], as: "step-00000007.checkpoint")
        try folder.put("other", as: "step-00000008.checkpoint")
        var damaged = bytes
        damaged[bytes.count / 2] ^= 4
        try folder.put(damaged, as: "step-100000000.checkpoint")
        try folder.put("no checkpoint", as: "notes.txt")
        try FileManager.default.createDirectory(
            atPath: folder.file("step-00000009.checkpoint"), withIntermediateDirectories: true)
        let found = CheckpointFolder(path: folder.path).newest { _ in }
        #expect(found.checkpoint?.path == folder.file("step-00000005.checkpoint"))
        #expect(
            found.unusable.map(\.location)
                == [100_000_000, 9, 8, 7, 6].map { step in
                    folder.file(CheckpointFolder(path: "").file(ofStep: step))
                })
        #expect(CheckpointFolder(path: folder.file("nowhere")).newest { _ in }.checkpoint == nil)
    }

    /// What is whole and says impossible things is of no training.
    @Test func placesOutsideOfTheTrainingAreRefused() throws {
        let trainer = try Toy.trainer(
            averaging: .ema(ExponentialAverage(decay: 0.9)), epochs: 3, callbacks: [EarlyStopping()])
        let train = try Toy.blobs(48), validation = try Toy.blobs(20, seed: 2)
        for change in [
            { $0.position = 4 }, { $0.step = .max }, { $0.origin = 6 }, { $0.skipped = -1 }, { $0.averageCount = .max },
        ] as [(inout TrainingSnapshot.Header) -> Void] {
            var snapshot = try Self.snapshot()
            change(&snapshot.header)
            let checkpoint = Checkpoint(path: "x", snapshot: snapshot)
            #expect(throws: EspalierError.self) {
                try trainer.fit(train, validation: validation, resuming: checkpoint)
            }
        }
    }

    /// With a checksum that fits, the reader itself has to notice what is wrong.
    @Test func damagedCheckpointsAreReadOrRefused() throws {
        var small = try Self.snapshot()
        small.buffers = small.buffers.map { buffer in
            switch buffer.values {
            case .floats(let values): .init(buffer.name, Array(values.prefix(5)))
            case .doubles(let values): .init(buffer.name, Array(values.prefix(5)))
            }
        }
        let seeds = [try Self.bytes(Self.snapshot()), try Self.bytes(small)]
        let trainer = try Toy.trainer(
            averaging: .ema(ExponentialAverage(decay: 0.9)), epochs: 3, callbacks: [EarlyStopping()])
        let train = try Toy.blobs(48), validation = try Toy.blobs(20, seed: 2)
        try trainer.prepare(train, validation)
        var random = RandomInput("checkpoints"), read = 0, resumed = 0, refused = 0
        for number in 0..<Fuzzing.count {
            var bytes = random.stream.damage(seeds[number % 2], with: "{}[]\",:0123456789-eE \\uNaN")
            if number % 4 > 0, bytes.count > 28 {
                // The length and the checksum of what was damaged.
                for (index, byte) in withUnsafeBytes(of: UInt64(bytes.count).littleEndian, Array.init).enumerated()
                where number % 4 > 1 { bytes[16 + index] = byte }
                let checksum = bytes.dropLast(4).withUnsafeBytes { CRC32.checksum(of: $0) }
                bytes.replaceSubrange(
                    (bytes.count - 4)..., with: withUnsafeBytes(of: checksum.littleEndian, Array.init))
            }
            do {
                let snapshot = try CheckpointFile.parse(bytes, at: "x")
                read += 1
                // What fits is gone on from, wherever it says that it is.
                _ = try trainer.fit(train, validation: validation, resuming: Checkpoint(path: "x", snapshot: snapshot))
                resumed += 1
            } catch let error as EspalierError {
                refused += 1
                #expect(error.expected != nil)
            } catch { Issue.record("\(error)") }
        }
        #expect(resumed > Fuzzing.count / 200, "\(resumed) resumed")
        #expect(read > Fuzzing.count / 50 && refused > Fuzzing.count / 4, "\(read) read, \(refused) refused")
    }
}
