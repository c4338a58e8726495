import EspalierSpec
import Foundation
import Testing

@testable import EspalierData

/// The files of `Fixtures/images`, and what Pillow reads from them.
enum ImageFixture {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/images").path

    static func bytes(_ name: String) throws -> [UInt8] { try SystemFile.read("\(folder)/\(name)", kind: "test data") }

    /// The arrays of an archive beside the files, as pictures by their names.
    static func pictures(_ archive: String) throws -> [(name: String, picture: Picture)] {
        let archive = try ZipArchive(try bytes(archive), path: archive)
        return try archive.entries.map { entry in
            let name = String(entry.name.dropLast(4))
            let array = try NumPyFile.array(in: try archive.contents(of: entry), place: name)
            let shape = array.shape + (array.shape.count == 2 ? [1] : [])
            return (
                name,
                Picture(
                    height: shape[0], width: shape[1], channels: shape[2],
                    pixels: array.values(as: Float.self).map { UInt8($0) })
            )
        }
    }
}

extension Picture {
    /// The largest difference of a byte; nothing where the sizes differ.
    func difference(from other: Picture) -> Int? {
        guard (height, width, channels) == (other.height, other.width, other.channels) else { return nil }
        return zip(pixels, other.pixels).map { abs(Int($0) - Int($1)) }.max()
    }
}

@Suite struct ImageFileTests {
    /// Every colour type and depth of PNG, every sampling of JPEG: the very bytes that libpng and libjpeg give.
    @Test func picturesAreThoseOfPillow() throws {
        let expected = try ImageFixture.pictures("expected.npz")
        #expect(expected.count(where: { $0.name.hasSuffix(".png") }) == 37)
        #expect(expected.count(where: { $0.name.hasSuffix(".jpg") }) == 49)
        for (name, picture) in expected {
            let bytes = try ImageFixture.bytes(name)
            let read = try ImageFile.picture(in: bytes)
            #expect(read.difference(from: picture) == 0, "\(name): \(read.difference(from: picture) ?? -1)")
            let header = try ImageFile.header(of: bytes)
            #expect(header.height == picture.height && header.width == picture.width, "\(name)")
            #expect(header.channels == (picture.channels < 3 ? 1 : 3), "\(name)")
            #expect(try ImageFile.header(at: "\(ImageFixture.folder)/\(name)") == header)
        }
    }

    @Test func resizingIsPillows() throws {
        let gradient = try ImageFile.picture(in: try ImageFixture.bytes("gradient.png"))
        var count = 0
        for (name, picture) in try ImageFixture.pictures("resized.npz") {
            guard let resizing = Resizing.allCases.first(where: { name.hasPrefix($0.rawValue) }) else { continue }
            let resized = gradient.resized(height: picture.height, width: picture.width, by: resizing)
            // Where a part is cut off, Pillow rounds its bounds to numbers of 32 bits.
            let tolerance = resizing == .cover ? 1 : 0
            #expect(try #require(resized.difference(from: picture)) <= tolerance, "\(name)")
            count += 1
        }
        #expect(count == 15)
    }

    @Test func greyIsTheLumaOfPillow() throws {
        let gradient = try ImageFile.picture(in: try ImageFixture.bytes("gradient.png"))
        let grey = try #require(try ImageFixture.pictures("resized.npz").first { $0.name == "grey" }).picture
        #expect(gradient.converted(toChannels: 1) == grey)
        #expect(grey.converted(toChannels: 3).pixels == grey.pixels.flatMap { [$0, $0, $0] })
        let opaque = Picture(height: 1, width: 2, channels: 4, pixels: [1, 2, 3, 0, 4, 5, 6, 255])
        #expect(opaque.converted(toChannels: 3).pixels == [1, 2, 3, 4, 5, 6])
    }

    @Test func whatIsNotReadSaysSo() throws {
        func error(_ bytes: [UInt8]) -> EspalierError? { failure { try ImageFile.picture(in: bytes) } }
        #expect(error(try ImageFixture.bytes("cmyk.jpg"))?.what.contains("4 components") == true)
        #expect(error([])?.what == "the file is empty")
        #expect(error(Array("GIF89a".utf8))?.expected == "a PNG or JPEG image")
        var jpeg = try ImageFixture.bytes("grey.jpg")
        let frame = try #require(jpeg.indices.first { jpeg[$0...].starts(with: [0xFF, 0xC0]) })
        for (marker, what): (UInt8, String) in [(0xC9, "arithmetic"), (0xC3, "without loss"), (0xC5, "several sizes")] {
            jpeg[frame + 1] = marker
            #expect(error(jpeg)?.what.contains(what) == true)
        }
        jpeg[frame + 1] = 0xC0
        jpeg[frame + 4] = 12
        #expect(error(jpeg)?.what.contains("12 bits") == true)
    }

    @Test func aDamagedFileIsRefused() throws {
        func error(_ bytes: [UInt8]) -> String? { failure { try ImageFile.picture(in: bytes) }?.what }
        let png = try ImageFixture.bytes("gradient.png"), jpeg = try ImageFixture.bytes("jpeg-420-37x45.jpg")
        var flipped = png
        flipped[png.count / 2] ^= 4
        #expect(error(flipped)?.contains("checksum of the chunk \"IDAT\"") == true)
        // An end that is missing may be forgiven; data that is missing is not.
        for length in stride(from: 0, to: png.count, by: 97) { #expect(error(Array(png.prefix(length))) != nil) }
        for length in stride(from: 0, to: jpeg.count - 8, by: 13) {
            #expect(error(Array(jpeg.prefix(length))) != nil, "\(length)")
        }
        #expect(error(jpeg.dropLast(2)) == nil)
        // Of scans that refine a picture nobody knows whether one is missing.
        let progressive = try ImageFixture.bytes("progressive-420.jpg")
        for length in 0..<progressive.count { #expect(error(Array(progressive.prefix(length))) != nil, "\(length)") }
    }

    /// No memory is taken for what a header claims.
    @Test func sizesAreNotBelieved() throws {
        var jpeg = try ImageFixture.bytes("grey.jpg")
        let frame = try #require(jpeg.indices.first { jpeg[$0...].starts(with: [0xFF, 0xC0]) })
        jpeg.replaceSubrange((frame + 5)..<(frame + 9), with: [0x20, 0, 0x20, 0])
        #expect(failure { try ImageFile.picture(in: jpeg) }?.what == "the image is damaged: it ends early")
        jpeg.replaceSubrange((frame + 5)..<(frame + 9), with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(failure { try ImageFile.picture(in: jpeg) }?.what == "the picture has 65535 x 65535 pixels")
        jpeg.replaceSubrange((frame + 5)..<(frame + 9), with: [0, 0, 0, 4])
        #expect(failure { try ImageFile.picture(in: jpeg) }?.what == "the picture has 4 x 0 pixels")
        let small = PNGWriter.file(height: 1, width: 1, channels: 1, pixels: [7])
        for (size, what): ([UInt8], String) in [
            ([0xFF, 0xFF, 0xFF, 0xFF], "the picture has 4294967295 x 4294967295 pixels"),
            ([0, 0, 0x27, 0x10], "the image is damaged: its data is too short for its size"),
        ] {
            var png = small
            png.replaceSubrange(16..<24, with: size + size)
            #expect(failure { try ImageFile.picture(in: withChecksums(png)) }?.what == what)
        }
    }

    @Test func writtenFilesAreReadBack() throws {
        let gradient = try ImageFile.picture(in: try ImageFixture.bytes("gradient.png"))
        let flat = Picture(height: 70, width: 80, channels: 1, pixels: [UInt8](repeating: 9, count: 5600))
        for picture in [gradient, gradient.converted(toChannels: 1), flat] {
            let file = PNGWriter.file(
                height: picture.height, width: picture.width, channels: picture.channels, pixels: picture.pixels)
            #expect(try ImageFile.picture(in: file) == picture)
        }
        let file = PNGWriter.file(height: 70, width: 80, channels: 1, pixels: flat.pixels)
        #expect(file.count < 250)
    }

    /// Repetitions of every length and from far back.
    @Test func deflateIsUndoneByInflate() throws {
        var bytes: [UInt8] = []
        for length in 1...300 {
            bytes += [UInt8](repeating: UInt8(length & 255), count: length) + [0, UInt8(length & 7)]
        }
        bytes += (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) } + bytes.prefix(5000)
        let packed = Deflate.pack(bytes)
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
        defer { output.deallocate() }
        let outcome = try packed.withUnsafeBytes { try Inflate.unpack($0, into: output) }
        #expect(outcome == .ended(read: packed.count, written: bytes.count))
        #expect(Array(output) == bytes && packed.count < bytes.count / 2)
    }
}

/// A PNG file whose chunks have the checksums of what they hold now.
func withChecksums(_ file: [UInt8]) -> [UInt8] {
    var bytes = file, position = 8
    while position + 12 <= bytes.count {
        let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
        let end = position + 8 + length
        guard end + 4 <= bytes.count else { break }
        let checksum = bytes[(position + 4)..<end].withUnsafeBytes(CRC32.checksum)
        withUnsafeBytes(of: checksum.bigEndian) { bytes.replaceSubrange(end..<end + 4, with: $0) }
        position = end + 4
    }
    return bytes
}
