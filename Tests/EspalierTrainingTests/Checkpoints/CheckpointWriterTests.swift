import EspalierNN
import EspalierSpec
import Foundation
import Testing

@testable import EspalierTraining

@Suite struct CheckpointWriterTests {
    private func train(
        _ settings: Checkpointing, in folder: String, epochs: Int = 6, validated: Bool = true,
        call: (@Sendable (Int32, UnsafeRawPointer, Int) -> Int)? = nil
    ) throws -> (TrainingResult, [CheckpointRecord]) {
        let trainer = try Toy.trainer(epochs: epochs, callbacks: [settings])
        trainer.checkpointPath = folder
        if let call { trainer.writeCall = call }
        let recorder = trainer.recorded()
        let result = try trainer.fit(Toy.blobs(48), validation: validated ? Toy.chance(20, seed: 3) : nil)
        let records = recorder.events.compactMap { if case .checkpoint(let record) = $0 { record } else { nil } }
        return (result, records)
    }

    @Test func theLastAndTheBestStay() throws {
        let folder = try TemporaryFolder()
        let writer = CheckpointWriter(CheckpointFolder(path: folder.path), keep: 2)
        var snapshot = try CheckpointFileTests.snapshot()
        let record = try #require(snapshot.header.best)
        for (step, best) in [(1, 1), (2, 1), (3, 2), (4, 2), (5, 2), (6, 2)] {
            snapshot.header.step = step
            snapshot.header.best = record
            snapshot.header.best?.epoch = best
            writer.write(snapshot, stalled: 0)
            writer.wait()
        }
        // The third is the first with the best epoch.
        #expect(try folder.names == [3, 5, 6].map { CheckpointFolder(path: "").file(ofStep: $0) })
        #expect(writer.takeRecords().map(\.step) == [1, 2, 3, 4, 5, 6])
        #expect(writer.takeRecords().isEmpty)
    }

    /// A training that went back to the third step has undone the sixth, which would else be the newest.
    @Test func whatWasUndoneGoes() throws {
        let folder = try TemporaryFolder()
        let writer = CheckpointWriter(CheckpointFolder(path: folder.path), keep: 3)
        var snapshot = try CheckpointFileTests.snapshot()
        for step in [2, 3, 6, 4] {
            snapshot.header.step = step
            writer.write(snapshot, stalled: 0)
            writer.wait()
        }
        #expect(try folder.names == [2, 3, 4].map { CheckpointFolder(path: "").file(ofStep: $0) })
    }

    @Test func whatAKilledWriterLeftIsTakenAway() throws {
        let folder = try TemporaryFolder()
        try folder.put("half", as: ".123-456.tmp")
        try folder.put("torn", as: "step-00000900.checkpoint")
        try folder.put("mine", as: "notes.txt")
        let (result, records) = try train(Checkpointing(keep: 1), in: folder.path)
        #expect(result.status == .completed && records.count == 1)
        #expect(try folder.names == ["notes.txt", "step-00000018.checkpoint"])
    }

    @Test func noneAreWrittenWhereNoneAreWanted() throws {
        let folder = try TemporaryFolder()
        let (_, records) = try train(Checkpointing(keep: 0), in: folder.path + "/checkpoints")
        #expect(records.isEmpty)
        #expect(try folder.names.isEmpty)
    }

    private static let full: @Sendable (Int32, UnsafeRawPointer, Int) -> Int = { _, _, _ in
        errno = ENOSPC
        return -1
    }

    @Test func aFullDiskIsToldAndTheTrainingGoesOn() throws {
        let folder = try TemporaryFolder()
        let (result, records) = try train(Checkpointing(every: 3), in: folder.path, call: Self.full)
        #expect(result.status == .completed)
        #expect(records.count >= 2)
        #expect(records.allSatisfy { $0.failure?.what == "cannot write: the disk is full" })
        #expect(try folder.names.isEmpty)
    }

    @Test func aFullDiskInterruptsWhereThatIsWanted() throws {
        let folder = try TemporaryFolder()
        let (result, _) = try train(
            Checkpointing(every: 1, onFailure: .stop), in: folder.path, epochs: 100_000, call: Self.full)
        #expect(result.status == .interrupted)
        #expect(result.message.contains("no checkpoint can be written"))
        #expect(result.message.contains("the disk is full"))
    }

    /// What was written before stays whole when the disk fills up.
    @Test func aFullDiskLeavesTheOnesBefore() throws {
        let folder = try TemporaryFolder()
        let snapshot = try CheckpointFileTests.snapshot()
        let first = CheckpointWriter(CheckpointFolder(path: folder.path), keep: 1)
        first.write(snapshot, stalled: 0)
        first.wait()
        let before = try bytes(of: folder.file("step-00000005.checkpoint"))
        for limit in [0, 10, 5000] {
            nonisolated(unsafe) var written = 0
            let writer = CheckpointWriter(CheckpointFolder(path: folder.path), keep: 1) { descriptor, bytes, count in
                guard written < limit else {
                    errno = ENOSPC
                    return -1
                }
                written += count
                return write(descriptor, bytes, min(count, limit))
            }
            var next = snapshot
            next.header.step = 6
            writer.write(next, stalled: 0)
            writer.wait()
            #expect(writer.takeRecords().first?.failure != nil)
            #expect(try folder.names == ["step-00000005.checkpoint"])
            #expect(try bytes(of: folder.file("step-00000005.checkpoint")) == before)
        }
    }

    @Test func aFolderThatCannotBeMadeIsTold() throws {
        let folder = try TemporaryFolder()
        try folder.put("a file", as: "checkpoints")
        let (result, records) = try train(Checkpointing(), in: folder.file("checkpoints"))
        #expect(result.status == .completed)
        #expect(records.first?.failure != nil)
    }

    @Test func settings() throws {
        let read = try Checkpointing(
            configuration: ConfigurationNode(["every": 500, "keep": 2, "seconds": .null, "onFailure": "stop"]))
        #expect(read.every == 500 && read.keep == 2 && read.seconds == nil && read.onFailure == .stop)
        for wrong in [["every": 0], ["keep": -1], ["seconds": 0], ["onFailure": "panic"]] as [ConfigurationValue] {
            #expect(error { try Checkpointing(configuration: ConfigurationNode(wrong)) }?.expected != nil)
        }
    }
}
