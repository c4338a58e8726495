import EspalierSpec

/// Reads the segments of a JPEG file, and by them the coefficients of all blocks.
struct JPEGDecoder {
    let frame: JPEGFrame
    /// Of every block of every component, row by row within the block.
    private(set) var coefficients: [Int16] = []
    /// The steps of quantisation, in the same order; by number, as far as they are there.
    private(set) var steps: [[Int32]?] = [nil, nil, nil, nil]
    /// As EXIF numbers it.
    private(set) var orientation = 1
    /// What Adobe's marker says of the colours; nothing where it is not there.
    private(set) var adobeTransform: UInt8?
    private(set) var isJFIF = false

    private let bytes: [UInt8]
    private var position = 2
    private var tables = JPEGScan.Tables()
    private var restartInterval = 0

    /// How many scans a progressive file may have: ten are usual, and each takes a pass over all blocks.
    private static let mostScans = 100

    /// Reads all up to the header of the frame.
    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        var frame: JPEGFrame?
        var state = Segments(bytes)
        while frame == nil {
            let (marker, content) = try state.next()
            switch marker {
            case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
                frame = try JPEGFrame(marker: marker, bytes[content])
            case 0xDA, 0xD9: throw JPEGFile.damaged("it has no size")
            default: break
            }
        }
        guard let frame else { throw JPEGFile.truncated }
        self.frame = frame
        // The segments before the frame, now that there is a place for what they say.
        while position < state.position {
            var before = Segments(bytes, from: position)
            let (marker, content) = try before.next()
            position = before.position
            try take(marker, content)
        }
    }

    /// Reads all scans.
    mutating func readScans() throws {
        // A block takes at least a bit, so memory is only taken for what so many bytes can hold.
        guard frame.blockCount <= 8 * bytes.count else { throw JPEGFile.truncated }
        coefficients = [Int16](repeating: 0, count: 64 * frame.blockCount)
        var missing = Set(frame.components.indices), scans = 0
        while true {
            var segments = Segments(bytes, from: position)
            // Some files lack the mark of their end; the picture is there.
            guard let (marker, content) = try segments.nextOrEnd(isWhole: missing.isEmpty && !frame.isProgressive)
            else { return }
            position = segments.position
            if marker == 0xD9 { break }
            guard marker == 0xDA else {
                try take(marker, content)
                continue
            }
            scans += 1
            guard scans <= Self.mostScans else { throw JPEGFile.damaged("it has over \(Self.mostScans) scans") }
            let scan = try JPEGScan(header: bytes[content], frame, tables, restartInterval: restartInterval)
            if scan.hasMeans { missing.subtract(scan.components) }
            position = try scan.read(bytes, from: position, into: &coefficients)
        }
        guard missing.isEmpty else { throw JPEGFile.truncated }
    }

    /// Takes up what a segment other than a scan says.
    private mutating func take(_ marker: UInt8, _ content: Range<Int>) throws {
        switch marker {
        case 0xDB: try readSteps(bytes[content])
        case 0xC4: try tables.read(bytes[content])
        case 0xDD:
            guard content.count == 2 else { throw JPEGFile.damaged("an interval of \(content.count) bytes") }
            restartInterval = Int(bytes[content.lowerBound]) << 8 | Int(bytes[content.lowerBound + 1])
        case 0xCC: throw JPEGFile.unsupported("has arithmetic codes")
        case 0xDC: throw JPEGFile.unsupported("says its height at its end")
        case 0xE0 where bytes[content].starts(with: Array("JFIF\0".utf8)): isJFIF = true
        case 0xE1 where bytes[content].starts(with: Array("Exif\0\0".utf8)):
            orientation = EXIF.orientation(in: bytes[content].dropFirst(6)) ?? 1
        case 0xEE where bytes[content].starts(with: Array("Adobe".utf8)) && content.count >= 12:
            adobeTransform = bytes[content.lowerBound + 11]
        default: break
        }
    }

    private mutating func readSteps(_ content: ArraySlice<UInt8>) throws {
        var rest = content
        while let first = rest.popFirst() {
            let size = first >> 4 == 0 ? 1 : 2
            guard first >> 4 < 2, first & 15 < 4, rest.count >= 64 * size else {
                throw JPEGFile.damaged("a table of quantisation that is too short")
            }
            var table = [Int32](repeating: 0, count: 64)
            for index in 0..<64 {
                var step: Int32 = 0
                for _ in 0..<size { step = step << 8 | Int32(rest.removeFirst()) }
                table[JPEGScan.order[index]] = step
            }
            steps[Int(first & 15)] = table
        }
    }
}

/// The segments of a JPEG file: a marker, then, for all but a few, a length and content.
private struct Segments {
    private let bytes: [UInt8]
    private(set) var position: Int

    init(_ bytes: [UInt8], from position: Int = 2) {
        self.bytes = bytes
        self.position = position
    }

    /// The next segment; nothing at the end of a file whose picture is whole.
    mutating func nextOrEnd(isWhole: Bool) throws -> (marker: UInt8, content: Range<Int>)? {
        do {
            return try next()
        } catch  where isWhole {
            return nil
        }
    }

    mutating func next() throws -> (marker: UInt8, content: Range<Int>) {
        // What stands between segments means nothing, and other readers pass over it too.
        while true {
            guard let mark = bytes[position...].firstIndex(of: 0xFF) else { throw JPEGFile.truncated }
            position = mark + 1
            guard position < bytes.count else { throw JPEGFile.truncated }
            if bytes[position] != 0xFF && bytes[position] != 0 { break }
        }
        let marker = bytes[position]
        position += 1
        // Marks that stand alone: of the end, of the start, of a restart, of nothing.
        if marker == 0xD9 || marker == 0xD8 || (0xD0...0xD7).contains(marker) || marker == 1 {
            return (marker, position..<position)
        }
        guard bytes.count - position >= 2 else { throw JPEGFile.truncated }
        let length = Int(bytes[position]) << 8 | Int(bytes[position + 1])
        guard length >= 2, length <= bytes.count - position else { throw JPEGFile.truncated }
        defer { position += length }
        return (marker, (position + 2)..<(position + length))
    }
}
