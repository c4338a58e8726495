import EspalierSpec
import Foundation
import Testing

@testable import EspalierData

@Suite struct SampleFileTests {
    @Test func rowsComeBackAsTheyWere() throws {
        // More than the writer gathers before it writes.
        let width = 1000, rows = 700
        let writer = try SampleFile.Writer(width: width)
        for row in 0..<rows { try writer.append((0..<width).map { Float(row * width + $0) / 3 }) }
        #expect(writer.count == rows)
        let samples = try writer.finish()
        #expect(samples.count == rows)
        var sample = [Float](repeating: 0, count: width)
        for row in [rows - 1, 0, 262, 263, 5] {
            try sample.withUnsafeMutableBufferPointer { try samples.read(row, into: $0) }
            #expect(sample == (0..<width).map { Float(row * width + $0) / 3 })
        }
        var several = [Float](repeating: 0, count: 3 * width)
        try several.withUnsafeMutableBufferPointer { try samples.read(261..<264, into: $0) }
        #expect(several == (261 * width..<264 * width).map { Float($0) / 3 })
    }

    @Test func theFileHasNoName() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "espalier-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let writer = try SampleFile.Writer(width: 2, folder: folder)
        try writer.append([1, 2])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        _ = try writer.finish()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }

    @Test func aFullDiskIsAnError() throws {
        let writer = SampleFile.Writer(width: 4, descriptor: open("/dev/full", O_WRONLY))
        try writer.append([1, 2, 3, 4])
        let error = failure { try writer.finish() }
        #expect(error?.what.contains("the disk is full") == true && error?.fix?.contains("TMPDIR") == true)
    }

    @Test func aFolderThatIsNotThereIsAnError() {
        let error = failure { try SampleFile.Writer(width: 4, folder: "/nowhere/at all") }
        #expect(error?.location == "/nowhere/at all" && error?.fix?.contains("TMPDIR") == true)
    }
}
