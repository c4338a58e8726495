import EspalierGraph
import EspalierSpec
import EspalierTestSupport
import Foundation
import Testing

@testable import EspalierData

/// Compressed files that are unpacked as they are read.
@Suite struct GzipInputTests {
    static func read(_ bytes: [UInt8], by size: Int) throws -> [UInt8] {
        let input = GzipInput(MemoryInput(bytes), bufferSize: 1 << 16)
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: size)
        while true {
            let count = try buffer.withUnsafeMutableBytes { try input.read(into: $0) }
            result += buffer[..<count]
            if count < size { return result }
        }
    }

    /// What Python's gzip made: see `Fixtures/Gzip/make.py`.
    static func fixture(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/Gzip")
        return try SystemFile.read(folder.appending(path: name).path, kind: "test data")
    }

    /// More than half a megabyte of rows, several times what the buffers hold.
    static let rows: [UInt8] = {
        var text = "a,b,y\n"
        for row in 0..<40_000 { text += "\(row * row % 7919),\(row),\(row % 100).5\n" }
        return Array(text.utf8)
    }()

    @Test(arguments: ["fast.gz", "best.gz", "stored.gz", "members.gz", "flushed.gz"], [1000, 1 << 20])
    func unpacksEveryKindOfBlock(_ name: String, _ size: Int) throws {
        #expect(try Self.read(Self.fixture(name), by: size) == Self.rows)
    }

    @Test func tablesMayBeCompressed() throws {
        let file = try TemporaryFile(Self.fixture("best.gz"), name: "rows.csv.gz")
        let source = try #require(FileSources.source(at: file.path, isFolder: false))
        let data = try source.load(relativeTo: "")
        #expect(data.name == "rows" && data.count == 40_000)
        #expect(data.inputs.suffix(2) == [Float(39_999 * 39_999 % 7919), 39_999])
        let decided = try source.decided(by: data, relativeTo: "") as? CSVSource
        #expect(decided?.target == ["y"] && decided?.header == true)
    }

    @Test func aFileThatEndsEarlyOrIsNoneIsRefused() throws {
        let whole = try Self.fixture("fast.gz")
        for count in [5, 11, 1000, whole.count / 2, whole.count - 9, whole.count - 1] {
            #expect(
                failure { try Self.read(Array(whole[..<count]), by: 4096) }?.what == "the compressed data ends early")
        }
        var changed = whole
        changed[whole.count - 6] ^= 1
        #expect(failure { try Self.read(changed, by: 4096) }?.what == "the checksum is not that of the data")
        let error = failure { try Self.read(Array("a,b\n1,2\n3,4\n5,6\n".utf8), by: 4096) }
        #expect(error?.location == "memory.csv" && error?.expected == "1f 8b 08 and known flags")
        #expect(try Self.read([], by: 4096).isEmpty)
    }

    /// Damaged files are read or refused, and never come out as other than one pass over all of it has them.
    @Test func damagedFiles() throws {
        let seeds = try ["small.gz", "small-members.gz"].map(Self.fixture)
        var random = RandomStream(seed: 9, "gzip fuzz")
        var same = 0, refused = 0
        for _ in 0..<Fuzzing.count {
            let bytes = ArchiveFuzzTests.mutated(seeds[random.index(below: seeds.count)], &random)
            do {
                let streamed = try Self.read(bytes, by: 1 + random.index(below: 700))
                let whole = bytes.isEmpty ? [] : try Gzip.unpack(bytes, count: streamed.count)
                #expect(streamed == whole)
                same += 1
            } catch let error as EspalierError {
                refused += 1
                #expect(error.location == "memory.csv" && error.expected != nil, "\(error)")
            }
        }
        #expect(same > Fuzzing.count / 2000 && refused > Fuzzing.count / 10, "\(same) read, \(refused) refused")
    }
}
