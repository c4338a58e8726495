import EspalierSpec

/// The files in a zip archive, stored or deflated, as its directory lists them (APPNOTE 6.3, with the sizes of zip64).
struct ZipArchive {
    /// One file of the archive.
    struct Entry: Equatable {
        let name: String
        let isDeflated: Bool
        let checksum: UInt32
        let packedSize: Int
        let size: Int
        /// Where its own header is.
        let offset: Int
    }

    let path: String
    private(set) var entries: [Entry] = []
    private let bytes: [UInt8]

    /// Reads the directory.
    ///
    /// - Throws: `EspalierError` at `path` where it is no archive, or not whole.
    init(_ bytes: [UInt8], path: String) throws {
        self.bytes = bytes
        self.path = path
        try readDirectory()
    }

    /// The bytes of one file.
    ///
    /// - Throws: `EspalierError` where it is damaged: its place, its compressed data, its size or its checksum.
    func contents(of entry: Entry) throws -> [UInt8] {
        let place = "\(path), \(entry.name)"
        let packed = try packedBytes(of: entry)
        let contents: [UInt8]
        do {
            contents = entry.isDeflated ? try Self.unpack(packed, size: entry.size) : Array(packed)
        } catch let error as EspalierError {
            throw error.located(at: place)
        }
        guard contents.count == entry.size, contents.withUnsafeBytes(CRC32.checksum) == entry.checksum else {
            throw Gzip.wrongChecksum.located(at: place)
        }
        return contents
    }

    /// The bytes of one file as they lie in the archive.
    func packedBytes(of entry: Entry) throws -> ArraySlice<UInt8> {
        let place = "\(path), \(entry.name)"
        let header = entry.offset
        guard header <= bytes.count - 30, number(at: header, 4) == 0x0403_4B50 else {
            throw Self.damaged("its own header is not where the directory says", at: place)
        }
        let start = header + 30 + number(at: header + 26, 2) + number(at: header + 28, 2)
        guard start <= bytes.count, entry.packedSize <= bytes.count - start else {
            throw Self.damaged("its data ends outside the file", at: place)
        }
        return bytes[start..<(start + entry.packedSize)]
    }

    private static func unpack(_ packed: ArraySlice<UInt8>, size: Int) throws -> [UInt8] {
        guard size / Inflate.largestRatio <= packed.count else { throw Inflate.truncated }
        return try [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
            let output = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<size])
            let outcome = try packed.withUnsafeBytes { try Inflate.unpack($0, into: output) }
            guard case .ended(_, size) = outcome else {
                throw Inflate.malformed("it has another size than the directory says")
            }
            initialized = size
        }
    }

    // MARK: Directory

    private mutating func readDirectory() throws {
        let (count, start) = try findDirectory()
        var position = start
        for _ in 0..<count {
            guard position <= bytes.count - 46, number(at: position, 4) == 0x0201_4B50 else {
                throw Self.damaged("its directory ends early", at: path)
            }
            let nameSize = number(at: position + 28, 2), extraSize = number(at: position + 30, 2)
            let end = position + 46 + nameSize + extraSize + number(at: position + 32, 2)
            guard end <= bytes.count else { throw Self.damaged("its directory ends early", at: path) }
            let name = String(decoding: bytes[(position + 46)..<(position + 46 + nameSize)], as: UTF8.self)
            entries.append(try entry(name, at: position, extraSize: extraSize))
            position = end
        }
    }

    private func entry(_ name: String, at position: Int, extraSize: Int) throws -> Entry {
        let method = number(at: position + 10, 2), flags = number(at: position + 8, 2)
        guard [0, 8].contains(method), flags & 1 == 0 else {
            throw EspalierError(
                "it is \(flags & 1 == 1 ? "encrypted" : "packed by the method \(method)")", at: "\(path), \(name)",
                expected: "stored or deflated, as numpy.savez and numpy.savez_compressed write it")
        }
        // What does not fit in 32 bits is in the zip64 field, in this order.
        let start = position + 46 + number(at: position + 28, 2)
        var wide = wideNumbers(start..<(start + extraSize))[...]
        let sizes = try [24, 20, 42].map { field in
            let value = number(at: position + field, 4)
            guard value == 0xFFFF_FFFF else { return value }
            guard let value = wide.popFirst() else { throw Self.damaged("a size is missing", at: "\(path), \(name)") }
            return value
        }
        return Entry(
            name: name, isDeflated: method == 8, checksum: UInt32(number(at: position + 16, 4)), packedSize: sizes[1],
            size: sizes[0], offset: sizes[2])
    }

    /// The numbers of the zip64 field among the extra fields; none where there is no such field.
    private func wideNumbers(_ range: Range<Int>) -> [Int] {
        var position = range.lowerBound
        while position + 4 <= range.upperBound {
            let end = position + 4 + number(at: position + 2, 2)
            if number(at: position, 2) == 1, end <= range.upperBound {
                return stride(from: position + 4, to: end - 7, by: 8).map { number(at: $0, 8) }
            }
            position = end
        }
        return []
    }

    /// How many entries the directory has and where it begins, from the record at the end of the file.
    private func findDirectory() throws -> (count: Int, start: Int) {
        // A comment of up to 65,535 bytes may follow the record.
        let last = bytes.count - 22
        let earliest = max(0, last - 0xFFFF)
        guard last >= 0,
            let end = (earliest...last).last(where: {
                number(at: $0, 4) == 0x0605_4B50 && $0 + 22 + number(at: $0 + 20, 2) == bytes.count
            })
        else {
            throw EspalierError(
                "it is no zip archive, or not whole", at: path, expected: "an archive as numpy.savez writes it",
                fix: "copy or fetch the file again")
        }
        let locator = end - 20
        guard locator >= 0, number(at: locator, 4) == 0x0706_4B50 else {
            return (number(at: end + 10, 2), number(at: end + 16, 4))
        }
        let record = number(at: locator + 8, 8)
        guard record <= bytes.count - 56, number(at: record, 4) == 0x0606_4B50 else {
            throw Self.damaged("its zip64 record is missing", at: path)
        }
        return (number(at: record + 32, 8), number(at: record + 48, 8))
    }

    /// The whole number in `width` bytes; one that is too large for any file is the largest there is.
    private func number(at position: Int, _ width: Int) -> Int {
        let value = bytes[position..<(position + width)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(clamping: value)
    }

    private static func damaged(_ what: String, at place: String) -> EspalierError {
        EspalierError(
            "the archive is damaged: \(what)", at: place, expected: "a whole zip archive",
            fix: "copy or fetch the file again")
    }
}
