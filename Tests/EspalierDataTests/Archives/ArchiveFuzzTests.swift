import EspalierGraph
import EspalierSpec
import EspalierTestSupport
import Foundation
import Testing

@testable import EspalierData

/// Files that were damaged at random are read or refused, never a crash.
@Suite struct ArchiveFuzzTests {
    static func mutated(_ original: [UInt8], _ random: inout RandomStream) -> [UInt8] {
        var bytes = original
        for _ in 0...random.index(below: 4) where !bytes.isEmpty {
            let start = random.index(below: bytes.count)
            let end = min(bytes.count, start + 1 + random.index(below: 8))
            switch random.index(below: 6) {
            case 0: bytes[start] ^= 1 << UInt8(random.index(below: 8))
            case 1: bytes[start] = UInt8(random.index(below: 256))
            case 2: bytes.removeSubrange(start..<end)
            case 3: bytes.removeSubrange(end...)
            case 4: bytes.replaceSubrange(start..<end, with: repeatElement(0xFF, count: end - start))
            default: bytes.insert(contentsOf: bytes[start..<end], at: random.index(below: bytes.count))
            }
        }
        return bytes
    }

    /// Reads many damaged files; each is read, or refused by an error that has a place and an expectation.
    static func survive(_ seeds: [[UInt8]], seed: UInt64, read: ([UInt8]) throws -> Void) {
        var random = RandomStream(seed: seed, "archive fuzz")
        var accepted = 0, refused = 0
        for _ in 0..<Fuzzing.count {
            let bytes = mutated(seeds[random.index(below: seeds.count)], &random)
            do {
                try read(bytes)
                accepted += 1
            } catch let error as EspalierError {
                refused += 1
                #expect(error.location != nil && error.expected != nil, "\(error)")
            } catch {
                Issue.record("\(error)")
            }
        }
        // Both ways must be taken for the test to mean anything.
        #expect(accepted > 0 && refused > Fuzzing.count / 10, "\(accepted) read, \(refused) refused")
    }

    @Test func damagedArchives() throws {
        let seeds = try ["arrays.npz", "packed.npz"].map {
            try SystemFile.read(NumPyFileTests.fixture($0), kind: "test data")
        }
        Self.survive(seeds, seed: 1) { bytes in
            let archive = try ZipArchive(bytes, path: "fuzz.npz")
            for name in ["x.npy", "int64_big.npy"] {
                guard let entry = archive.entries.first(where: { $0.name == name }) else { continue }
                _ = try NumPyFile.array(in: try archive.contents(of: entry), place: "fuzz.npz").values(as: Float.self)
            }
        }
    }

    @Test func damagedArrays() throws {
        let seeds = try (1...3).map {
            try SystemFile.read(NumPyFileTests.fixture("version\($0).npy"), kind: "test data")
        }
        Self.survive(seeds, seed: 2) {
            _ = try NumPyFile.array(in: $0, place: "fuzz.npy").values(as: Float.self)
        }
    }

    @Test func damagedIDX() throws {
        let images = idx([4, 3, 3], (0..<36).map { UInt8($0) })
        Self.survive([images, gzip(images)], seed: 3) {
            do {
                _ = try IDXFile.array(in: $0, "fuzz.idx").values(as: Float.self)
            } catch let error as EspalierError {
                throw error.located(at: "fuzz.idx")
            }
        }
    }

    /// Streams without a checksum, so that damage reaches the codes themselves.
    @Test func damagedStreams() throws {
        let archive = try ZipArchive(
            try SystemFile.read(NumPyFileTests.fixture("packed.npz"), kind: "test data"), path: "")
        let entry = try #require(archive.entries.first { $0.name == "x.npy" })
        let packed = try archive.packedBytes(of: entry)
        Self.survive([Array(packed)], seed: 4) { bytes in
            let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 4000, alignment: 8)
            defer { output.deallocate() }
            do {
                _ = try bytes.withUnsafeBytes { try Inflate.unpack($0, into: output) }
            } catch let error as EspalierError {
                throw error.located(at: "stream")
            }
        }
    }
}
