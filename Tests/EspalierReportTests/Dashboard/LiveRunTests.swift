import EspalierSpec
import Foundation
import Testing

@testable import EspalierReport

@Suite struct LiveRunTests {
    private static let sample = SampleRun(
        epochs: 6, best: 5, hasLayers: true, diagnosis: SampleRun.diagnosis, repair: SampleRun.repair)

    private func append(_ text: String, to folder: URL) throws {
        let file = folder.appendingPathComponent("events.jsonl")
        guard let handle = try? FileHandle(forWritingTo: file) else { return try Data(text.utf8).write(to: file) }
        defer { try? handle.close() }
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
    }

    /// However the events arrive, the run is in the end what its report says.
    @Test func followingComesToTheSameAsReading() throws {
        try withFolder { folder in
            let text = Self.sample.events.joined(separator: "\n") + "\n"
            var run = LiveRun(folder: folder.path, detail: .everything)
            var rest = text[...]
            while !rest.isEmpty {
                let piece = rest.prefix(7_001)
                try append(String(piece), to: folder)
                rest = rest.dropFirst(piece.count)
                let hasChanged = run.refresh(for: .seconds(60))
                #expect(hasChanged)
            }
            try Self.sample.write(to: folder)
            let hasChanged = run.refresh(for: .seconds(60))
            #expect(hasChanged)
            #expect(run.isComplete && run.problems.isEmpty)
            #expect(Report.html(run.record) == Report.html(try RunRecord(folder: folder.path)))
            let hasChangedAgain = run.refresh(for: .seconds(60))
            #expect(!hasChangedAgain)
        }
    }

    @Test func theCourseIsKnownWithoutTheSteps() throws {
        try withFolder { folder in
            try Self.sample.write(to: folder)
            var run = LiveRun(folder: folder.path, detail: .course)
            _ = run.refresh(for: .seconds(60))
            let whole = try RunRecord(folder: folder.path)
            #expect(run.record.epochs.count == 6 && run.record.steps.count < 2 && run.record.probes.isEmpty)
            #expect(Verdict(run.record).headline == Verdict(whole).headline)
            #expect(run.record.diagnosis?.findings.count == 2)
        }
    }

    @Test func theLastStepOfACourseIsKnown() throws {
        try withFolder { folder in
            let lines = Self.sample.events.prefix(40)
            try append(lines.joined(separator: "\n") + "\n", to: folder)
            var run = LiveRun(folder: folder.path, detail: .course)
            _ = run.refresh(for: .seconds(60))
            let whole = try RunRecord(folder: folder.path)
            #expect(run.record.lastStep == whole.lastStep && whole.lastStep > 20)
        }
    }

    /// What is damaged is told, and the rest is shown.
    @Test func damageIsToldAndLeftOut() throws {
        try withFolder { folder in
            try append(
                "{\"event\":\"step\",\"step\":1,\"loss\":2}\nnonsense\n{\"event\":\"step\",\"step\":-4}\n", to: folder)
            try append("{\"event\":\"step\",\"step\":2,\"loss\":1}\n", to: folder)
            try Data("{".utf8).write(to: folder.appendingPathComponent("summary.json"))
            var run = LiveRun(folder: folder.path, detail: .everything)
            _ = run.refresh(for: .seconds(60))
            #expect(run.record.steps.map(\.step) == [1, 2])
            #expect(run.problems.count == 3)
            #expect(run.problems.contains { $0.contains("events.jsonl:2") })
            #expect(run.problems.contains { $0.contains("events.jsonl:3") })
            #expect(run.problems.contains { $0.contains("summary.json") })
            let page = Fragments.page(RunPage(run).parts)
            #expect(page.contains("cannot be read"))
        }
    }

    /// A training that starts over in the same folder has nothing of the one before.
    @Test func aNewLogIsANewRun() throws {
        try withFolder { folder in
            try Self.sample.write(to: folder)
            var run = LiveRun(folder: folder.path, detail: .everything)
            _ = run.refresh(for: .seconds(60))
            try Data("{\"event\":\"step\",\"step\":1,\"loss\":2}\n".utf8)
                .write(to: folder.appendingPathComponent("events.jsonl"))
            _ = run.refresh(for: .seconds(60))
            #expect(run.record.steps.count == 1 && run.record.epochs.isEmpty && run.record.start == nil)
            #expect(run.record.summary?.status == "stoppedEarly")
        }
    }

    @Test func whoHoldsTheEventsWorksOnTheRun() throws {
        try withFolder { folder in
            try append("", to: folder)
            let path = folder.appendingPathComponent("events.jsonl").path
            #expect(!RunActivity.of(events: path, now: .now.addingTimeInterval(60)).isRunning)
            let descriptor = open(path, O_WRONLY)
            try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
            #expect(RunActivity.of(events: path, now: .now.addingTimeInterval(60)).isRunning)
            close(descriptor)
            #expect(!RunActivity.of(events: path, now: .now.addingTimeInterval(60)).isRunning)
        }
        let locks = """
            1: FLOCK  ADVISORY  WRITE 4711 08:01:1234567 0 EOF
            1: -> FLOCK  ADVISORY  WRITE 4712 08:01:77 0 EOF
            2: POSIX  ADVISORY  WRITE 12 08:01:42 0 EOF
            3: FLOCK  ADVISORY  READ 13 08:01:43 0 EOF
            """
        #expect(RunActivity.owner(of: 1_234_567, in: locks) == 4711)
        for inode in [77, 42, 43, 4711] as [UInt64] { #expect(RunActivity.owner(of: inode, in: locks) == nil) }
    }

    @Test func paceSaysHowLongItStillTakes() throws {
        let lines = [
            #"{"event":"start","time":"2026-02-28T23:59:50.000Z","step":100,"epoch":1,"epochs":10,"stepsPerEpoch":100}"#,
            #"{"event":"step","time":"2026-03-01T00:00:10.000Z","step":200,"loss":1}"#,
        ]
        try withFolder { folder in
            try append(lines.joined(separator: "\n") + "\n", to: folder)
            let pace = try #require(Pace(RunRecord(folder: folder.path)))
            #expect(pace.step == 200 && pace.total == 1_000 && pace.secondsLeft == 160)
        }
        #expect(Pace.seconds("1970-01-02T00:00:01.5Z") == 86_401.5)
        for text in ["", "yesterday", "2026-13-01T00:00:00Z", "2026-01-01", "2026-01-01T0:0:0:0Z", "-1-1-1T1:1:1Z"] {
            #expect(Pace.seconds(text) == nil)
        }
    }
}

extension Fragments {
    /// All of a page.
    static func page(_ parts: [Part]) -> String {
        var fragments = Fragments()
        fragments.update(parts)
        return fragments.html
    }
}
