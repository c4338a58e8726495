import EspalierGraph
import EspalierSpec
import Foundation
import Testing

@testable import EspalierData

/// Images that were damaged at random are read or refused, never a crash.
@Suite struct ImageFuzzTests {
    /// Reads a damaged picture, which then has as many bytes as its size says.
    private static func read(_ bytes: [UInt8]) throws {
        do {
            let header = try ImageFile.header(of: bytes)
            let picture = try ImageFile.picture(in: bytes)
            #expect((picture.height, picture.width) == (header.height, header.width))
        } catch let error as EspalierError {
            throw error.located(at: "fuzz")
        }
    }

    private static func seeds(_ ending: String, _ prefixes: [String]) throws -> [[UInt8]] {
        try FileManager.default.contentsOfDirectory(atPath: ImageFixture.folder).sorted()
            .filter { name in name.hasSuffix(ending) && prefixes.contains(where: name.hasPrefix) }
            .map(ImageFixture.bytes)
    }

    /// With the checksums of what the chunks hold, so that damage reaches what is behind them.
    @Test func damagedPNG() throws {
        let seeds = try Self.seeds(".png", ["png-", "opacity", "parts", "single"])
        ArchiveFuzzTests.survive(seeds, seed: 11) { try Self.read(withChecksums($0)) }
    }

    /// Damaged rows, compressed anew.
    @Test func damagedRows() throws {
        let header = PNGFile.Header(height: 9, width: 7, depth: 4, type: .palette, isInterlaced: true)
        let palette = [UInt8](0..<45)
        let lines = try PNGScanlines(header, palette: palette, opacity: [1, 2])
        let rows = (0..<lines.byteCount).map { UInt8($0 % 5) }
        ArchiveFuzzTests.survive([rows], seed: 12) { bytes in
            do {
                guard bytes.count >= lines.byteCount else { throw EspalierError("short", expected: "rows") }
                _ = try lines.picture(from: bytes)
            } catch let error as EspalierError {
                throw error.located(at: "fuzz")
            }
        }
    }

    @Test func damagedJPEG() throws {
        let seeds = try Self.seeds(
            ".jpg", ["jpeg-420", "jpeg-422-37", "jpeg-440-9", "progressive", "grey", "restarts"])
        ArchiveFuzzTests.survive(seeds, seed: 13, read: Self.read)
    }

    @Test func damagedCIFAR() throws {
        let file = CIFARFile(labelsPerRecord: 2, classNames: ["a", "b", "c"])
        let seed = CIFARSourcesTests.record([9, 1], 1) + CIFARSourcesTests.record([3, 2], 2)
        ArchiveFuzzTests.survive([seed], seed: 14) { bytes in
            var pixels: [UInt8] = [], labels: [Int32] = []
            try file.append(bytes, "fuzz", &pixels, &labels)
            #expect(pixels.count == labels.count * CIFARFile.pixelBytes && labels.allSatisfy { (0..<3).contains($0) })
        }
    }
}
