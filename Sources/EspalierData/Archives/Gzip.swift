import EspalierSpec

/// A file that was compressed by gzip (RFC 1952): one or more members, each with the checksum of what it holds.
enum Gzip {
    static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

    /// The first bytes of what is compressed, `count` or as many as there are; no checksum is looked at.
    static func prefix(_ count: Int, of bytes: [UInt8]) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let room = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count])
            try bytes.withUnsafeBytes { bytes in
                let start = try endOfHeader(bytes, from: 0)
                switch try Inflate.unpack(UnsafeRawBufferPointer(rebasing: bytes[start...]), into: room) {
                case .full: initialized = count
                case .ended(_, let written): initialized = written
                }
            }
        }
    }

    /// Everything that is compressed, which has to be `count` bytes.
    ///
    /// - Throws: `EspalierError`, without a place, where a header, the compressed data, a length or a checksum is wrong.
    static func unpack(_ bytes: [UInt8], count: Int) throws -> [UInt8] {
        // Memory is only taken for what so many bytes can hold.
        guard count / Inflate.largestRatio <= bytes.count else { throw wrongSize(nil, expected: count) }
        return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let output = UnsafeMutableRawBufferPointer(buffer)
            var written = 0
            try bytes.withUnsafeBytes { bytes in
                var position = 0
                repeat {
                    position = try endOfHeader(bytes, from: position)
                    let room = UnsafeMutableRawBufferPointer(rebasing: output[written..<count])
                    let outcome = try Inflate.unpack(UnsafeRawBufferPointer(rebasing: bytes[position...]), into: room)
                    guard case .ended(let read, let size) = outcome else { throw wrongSize(nil, expected: count) }
                    position += read
                    try check(UnsafeRawBufferPointer(rebasing: room[..<size]), bytes, trailer: position)
                    position += 8
                    written += size
                } while position < bytes.count
            }
            guard written == count else { throw wrongSize(written, expected: count) }
            initialized = count
        }
    }

    /// Where the compressed data of the member begins whose header is at `start`.
    static func endOfHeader(_ bytes: UnsafeRawBufferPointer, from start: Int) throws -> Int {
        guard bytes.count - start >= 10 else { throw Inflate.truncated }
        guard bytes[start] == 0x1F, bytes[start + 1] == 0x8B, bytes[start + 2] == 8, bytes[start + 3] & 0xE0 == 0 else {
            throw EspalierError(
                "byte \(start) begins no gzip member", expected: "1f 8b 08 and known flags",
                fix: "copy or fetch the file again")
        }
        let flags = bytes[start + 3]
        var position = start + 10
        if flags & 4 != 0 {
            guard bytes.count - position >= 2 else { throw Inflate.truncated }
            position += 2 + Int(bytes[position]) + Int(bytes[position + 1]) << 8
        }
        // The original name and a comment, each up to a zero.
        for flag: UInt8 in [8, 16] where flags & flag != 0 {
            guard position < bytes.count, let end = bytes[position...].firstIndex(of: 0) else {
                throw Inflate.truncated
            }
            position = end + 1
        }
        if flags & 2 != 0 { position += 2 }
        guard position <= bytes.count else { throw Inflate.truncated }
        return position
    }

    private static func check(
        _ content: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer, trailer: Int
    ) throws {
        guard bytes.count - trailer >= 8 else { throw Inflate.truncated }
        let checksum = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: trailer, as: UInt32.self))
        let size = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: trailer + 4, as: UInt32.self))
        guard size == UInt32(truncatingIfNeeded: content.count), checksum == CRC32.checksum(of: content) else {
            throw wrongChecksum
        }
    }

    static let wrongChecksum = EspalierError(
        "the checksum is not that of the data", expected: "data as it was when it was compressed",
        fix: "copy or fetch the file again")

    private static func wrongSize(_ size: Int?, expected count: Int) -> EspalierError {
        EspalierError(
            "the compressed data holds \(size.map { "\($0) bytes" } ?? "another number of bytes than its header says")",
            expected: "\(count) bytes", fix: "copy or fetch the file again")
    }
}
