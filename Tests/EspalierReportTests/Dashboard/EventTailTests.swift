import EspalierGraph
import EspalierSpec
import EspalierTestSupport
import Foundation
import Testing

@testable import EspalierReport

@Suite struct EventTailTests {
    /// A file that is written to while it is followed.
    private struct Log {
        let file: URL

        init(_ folder: URL) { file = folder.appendingPathComponent("events.jsonl") }

        func write(_ text: String) throws { try Data(text.utf8).write(to: file) }

        func append(_ text: String) throws {
            let handle = try FileHandle(forWritingTo: file)
            defer { try? handle.close() }
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(text.utf8))
        }

        func cut(to size: Int) throws {
            let handle = try FileHandle(forWritingTo: file)
            defer { try? handle.close() }
            try handle.truncate(atOffset: UInt64(size))
        }
    }

    /// Holds a tail that an expectation may move on.
    private final class Follower {
        var tail: EventTail

        init(_ log: Log) { tail = EventTail(path: log.file.path) }

        func next() throws -> EventTail.Piece { try tail.next() }
    }

    private func texts(_ piece: EventTail.Piece) -> [String] { piece.lines.map { String(decoding: $0, as: UTF8.self) } }

    @Test func eachLineIsGivenOnceItIsComplete() throws {
        try withFolder { folder in
            let log = Log(folder)
            let tail = Follower(log)
            #expect(try texts(tail.next()).isEmpty)
            try log.write("first\nsec")
            #expect(try texts(tail.next()) == ["first"])
            #expect(try texts(tail.next()).isEmpty)
            try log.append("ond\n\nthird\n")
            #expect(try texts(tail.next()) == ["second", "", "third"])
            #expect(tail.tail.count == 4)
            #expect(tail.tail.offset == tail.tail.size)
        }
    }

    /// A run that goes on takes off the line that a crash tore.
    @Test func aTornLineThatIsTakenOffWasNeverGiven() throws {
        try withFolder { folder in
            let log = Log(folder)
            let tail = Follower(log)
            try log.write("first\n{\"event\":\"st")
            #expect(try texts(tail.next()) == ["first"])
            try log.cut(to: 6)
            #expect(try texts(tail.next()).isEmpty)
            try log.append("resume\n")
            let piece = try tail.next()
            #expect(texts(piece) == ["resume"] && !piece.isAnew)
        }
    }

    @Test func aFileThatIsAnotherOneIsReadAnew() throws {
        try withFolder { folder in
            let log = Log(folder)
            let tail = Follower(log)
            try log.write("first\nsecond\n")
            _ = try tail.next()
            // Shorter.
            try log.cut(to: 6)
            var piece = try tail.next()
            #expect(texts(piece) == ["first"] && piece.isAnew)
            // As long as before, with other lines in its place.
            let handle = try FileHandle(forWritingTo: log.file)
            try handle.write(contentsOf: Data("other\nmore\n".utf8))
            try handle.close()
            piece = try tail.next()
            #expect(texts(piece) == ["other", "more"] && piece.isAnew)
            // Another file of the same name.
            try FileManager.default.moveItem(at: log.file, to: folder.appendingPathComponent("old"))
            try log.write("other\nmore\nand\n")
            piece = try tail.next()
            #expect(texts(piece) == ["other", "more", "and"] && piece.isAnew)
            // Gone.
            try FileManager.default.removeItem(at: log.file)
            piece = try tail.next()
            #expect(piece.lines.isEmpty && piece.isAnew)
            #expect(try !tail.next().isAnew)
        }
    }

    @Test func muchIsReadInPiecesAndALongLineAtOnce() throws {
        try withFolder { folder in
            let log = Log(folder)
            var tail = EventTail(path: log.file.path)
            let long = String(repeating: "x", count: 5_000)
            try log.write("a\nb\n\(long)\nc\n")
            var pieces: [EventTail.Piece] = []
            repeat { pieces.append(try tail.next(atMost: 8)) } while pieces.last?.hasMore == true
            #expect(pieces.flatMap(texts) == ["a", "b", long, "c"])
            #expect(pieces.count == 2)
        }
    }

    @Test func whatCannotBeReadIsAnError() throws {
        try withFolder { folder in
            var tail = EventTail(path: folder.path)
            let error = try #require(throws: EspalierError.self) { _ = try tail.next() }
            #expect(error.location == folder.path && error.fix != nil)
        }
    }

    /// However a file grows, is torn, cut and replaced: in the end what was given since the last new beginning is what
    /// stands in it.
    @Test func whatWasGivenIsWhatIsThere() throws {
        try withFolder { folder in
            let log = Log(folder)
            var random = RandomStream(seed: 5, "event tail")
            for _ in 0..<Fuzzing.count / 300 {
                var tail = EventTail(path: log.file.path)
                var given: [String] = []
                try? FileManager.default.removeItem(at: log.file)
                for number in 0..<Int.random(in: 1...20, using: &random) {
                    let size = (try? Data(contentsOf: log.file).count) ?? 0
                    switch Int.random(in: 0..<8, using: &random) {
                    case 0: try log.write("new \(number)\nfile")
                    case 1 where size > 0: try log.cut(to: Int.random(in: 0...size, using: &random))
                    case 2...3 where size > 0: try log.append("torn")
                    case _ where size > 0: try log.append("line \(number)\n")
                    default: try log.write("")
                    }
                    var hasMore = Bool.random(using: &random)
                    while hasMore { hasMore = try take(&tail, &given, &random) }
                }
                while try take(&tail, &given, &random) {}
                let text = String(decoding: try Data(contentsOf: log.file), as: UTF8.self)
                let whole = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
                #expect(given == whole)
            }
        }
    }

    private func take(_ tail: inout EventTail, _ given: inout [String], _ random: inout RandomStream) throws -> Bool {
        let piece = try tail.next(atMost: Int.random(in: 1...30, using: &random))
        if piece.isAnew { given = [] }
        given += texts(piece)
        return piece.hasMore
    }
}
