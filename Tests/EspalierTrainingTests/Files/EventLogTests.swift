import EspalierSpec
import EspalierTestSupport
import Foundation
import Testing

@testable import EspalierTraining

struct EventLogTests {
    @Test func everyEventIsThereAtOnce() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("events.jsonl")
        let log = try EventLog(creating: path)
        try log.append(["event": "step", "step": 1, "loss": .number(.nan)])
        #expect(try text(of: path) == "{\"event\":\"step\",\"step\":1,\"loss\":\"NaN\"}\n")
        try log.append(["event": "stop", "note": "a\nb"])
        let contents = try EventLog.read(path)
        #expect(contents.events.count == 2 && contents.badLines.isEmpty && !contents.endsTorn)
        #expect(contents.events[1]["note"] == "a\nb")
        #expect(error { try EventLog(creating: path) }?.what == "the file is there already")
        #expect(error { try EventLog.read(folder.file("no")) }?.what.contains("no such file") == true)
    }

    @Test func tornAndBadLinesAreLeftOutAndTold() throws {
        let folder = try TemporaryFolder()
        let path = try folder.put("{\"a\":1}\n{\"a\":\n\n[1]\n{\"a\":2}\n{\"a\":3", as: "events.jsonl")
        let contents = try EventLog.read(path)
        #expect(contents.events == [["a": 1], ["a": 2]])
        #expect(contents.badLines == [2, 3, 4])
        #expect(contents.endsTorn)
        // A last line that is whole but for its end counts.
        #expect(try EventLog.read(folder.put("{\"a\":1}", as: "x")).events == [["a": 1]])
    }

    @Test func goingOnTakesTheTornLineOff() throws {
        let folder = try TemporaryFolder()
        let path = try folder.put("{\"a\":1}\n{\"a\":", as: "events.jsonl")
        try EventLog(continuing: path).append(["a": 2])
        #expect(try text(of: path) == "{\"a\":1}\n{\"a\":2}\n")
        #expect(error { try EventLog(continuing: folder.file("no")) }?.what.contains("no such file") == true)
    }

    @Test func linesOfSeveralThreadsNeverMix() async throws {
        let folder = try TemporaryFolder()
        let log = try EventLog(creating: folder.file("e"))
        let other = error { try EventLog(continuing: folder.file("e")) }
        #expect(other?.what == "another process is writing the file")
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for index in 0..<100 {
                        try? log.append(
                            ["writer": .integer(writer), "index": .integer(index), "text": "some more text"])
                    }
                }
            }
        }
        let contents = try EventLog.read(folder.file("e"))
        #expect(contents.events.count == 800 && contents.badLines.isEmpty)
    }

    @Test func damagedLogsAreReadAsFarAsTheyAreWhole() throws {
        let folder = try TemporaryFolder()
        let line = Array("{\"event\":\"step\",\"step\":12,\"loss\":0.25}\n".utf8)
        var random = RandomInput("events fuzz")
        for _ in 0..<Fuzzing.count {
            let damaged = random.stream.damage(line + line + line + line, with: "{}[]:,\"\\\n\n\n")
            let contents = try EventLog.read(folder.put(damaged, as: "e"))
            let lines = damaged.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let whole = lines.count - (lines.last?.isEmpty == true ? 1 : 0)
            #expect(contents.events.count + contents.badLines.count + (contents.endsTorn ? 1 : 0) == whole)
        }
    }
}
