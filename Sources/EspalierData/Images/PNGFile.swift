import EspalierSpec

/// A file of Portable Network Graphics (ISO/IEC 15948): a signature, then chunks with checksums.
///
/// All colour types and depths are read, interlaced or not, with a palette, with opacity by `tRNS`. Values of 16 bits keep
/// the higher 8, those of fewer than 8 are spread over 0 to 255. Gamma and colour profiles are left aside, as Pillow does.
enum PNGFile {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    enum ColourType: UInt8 {
        case grey = 0, colour = 2, palette = 3, greyWithOpacity = 4, colourWithOpacity = 6

        /// How many numbers a pixel is in the file.
        var samples: Int {
            switch self {
            case .grey, .palette: 1
            case .greyWithOpacity: 2
            case .colour: 3
            case .colourWithOpacity: 4
            }
        }

        var depths: [Int] {
            switch self {
            case .grey: [1, 2, 4, 8, 16]
            case .palette: [1, 2, 4, 8]
            default: [8, 16]
            }
        }
    }

    struct Header {
        var height: Int
        var width: Int
        /// Bits of a number.
        var depth: Int
        var type: ColourType
        var isInterlaced: Bool

        var image: ImageFile.Header {
            ImageFile.Header(
                height: height, width: width, channels: type == .grey || type == .greyWithOpacity ? 1 : 3)
        }
    }

    /// - Throws: `EspalierError`, without a place, where the file is damaged or too large.
    static func picture(in bytes: [UInt8]) throws -> Picture {
        let header = try header(of: bytes)
        var chunks = Chunks(bytes)
        var palette: [UInt8] = [], opacity: [UInt8]?, packed: [UInt8] = []
        while let chunk = try chunks.next(), chunk.name != "IEND" {
            switch chunk.name {
            case "IHDR": break
            case "PLTE": palette = Array(bytes[chunk.content])
            case "tRNS": opacity = Array(bytes[chunk.content])
            case "IDAT": packed += bytes[chunk.content]
            default:
                guard chunk.isOptional else {
                    throw ImageFile.damaged("a chunk of the unknown kind \(chunk.name.debugDescription)", "PNG")
                }
            }
        }
        let scanlines = try PNGScanlines(header, palette: palette, opacity: opacity)
        return try scanlines.picture(from: try unpack(packed, count: scanlines.byteCount))
    }

    static func header(of bytes: [UInt8]) throws -> Header {
        var chunks = Chunks(bytes)
        guard let first = try chunks.next(), first.name == "IHDR", first.content.count == 13 else {
            throw ImageFile.damaged("it does not begin with its size", "PNG")
        }
        let fields = bytes[first.content]
        func number(_ index: Int) -> Int {
            fields[(fields.startIndex + index)..<(fields.startIndex + index + 4)].reduce(0) { $0 << 8 | Int($1) }
        }
        let codes = Array(fields.dropFirst(8))
        guard let type = ColourType(rawValue: codes[1]), type.depths.contains(Int(codes[0])), codes[2] == 0,
            codes[3] == 0, codes[4] < 2
        else { throw ImageFile.damaged("a header with the codes \(codes)", "PNG") }
        let header = Header(
            height: number(4), width: number(0), depth: Int(codes[0]), type: type, isInterlaced: codes[4] == 1)
        try ImageFile.check(height: header.height, width: header.width)
        return header
    }

    /// Undoes the compression of all image data: a zlib stream (RFC 1950) of `count` bytes or more.
    private static func unpack(_ packed: [UInt8], count: Int) throws -> [UInt8] {
        guard packed.count > 2, packed[0] & 15 == 8, packed[1] & 32 == 0,
            (Int(packed[0]) << 8 | Int(packed[1])) % 31 == 0
        else { throw ImageFile.damaged("its data is no zlib stream", "PNG") }
        // Memory is only taken for what so many bytes can hold.
        guard count / Inflate.largestRatio <= packed.count else { throw tooShort }
        return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let outcome = try packed.withUnsafeBytes {
                try Inflate.unpack(
                    UnsafeRawBufferPointer(rebasing: $0[2...]), into: UnsafeMutableRawBufferPointer(buffer))
            }
            // What follows behind the last row is nobody's concern: other readers show such images too.
            if case .ended(_, let written) = outcome, written < count { throw tooShort }
            initialized = count
        }
    }

    private static let tooShort = ImageFile.damaged("its data is too short for its size", "PNG")
}

/// The chunks of a PNG file, one after the other.
private struct Chunks {
    struct Chunk {
        let name: String
        let content: Range<Int>
        /// Whether an image can be shown without knowing the chunk.
        let isOptional: Bool
    }

    private let bytes: [UInt8]
    private var position = PNGFile.signature.count

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// - Throws: Where the file ends within a chunk or without the last one, or a checksum is wrong.
    mutating func next() throws -> Chunk? {
        guard bytes.count - position >= 12 else { throw ImageFile.damaged("it ends early", "PNG") }
        let length = number(at: position)
        guard length <= bytes.count - position - 12 else { throw ImageFile.damaged("it ends early", "PNG") }
        let content = (position + 8)..<(position + 8 + length)
        let name = String(decoding: bytes[(position + 4)..<(position + 8)], as: UTF8.self)
        let checksum = bytes.withUnsafeBytes {
            CRC32.checksum(of: UnsafeRawBufferPointer(rebasing: $0[(position + 4)..<content.upperBound]))
        }
        guard Int(checksum) == number(at: content.upperBound) else {
            throw ImageFile.damaged("the checksum of the chunk \(name.debugDescription) is wrong", "PNG")
        }
        defer { position = content.upperBound + 4 }
        return Chunk(name: name, content: content, isOptional: bytes[position + 4] & 32 != 0)
    }

    private func number(at index: Int) -> Int {
        bytes[index..<index + 4].reduce(0) { $0 << 8 | Int($1) }
    }
}
