import EspalierSpec
import Foundation

/// A snapshot as one file.
///
/// | bytes | what |
/// | --- | --- |
/// | 8 | `ESPALIER` |
/// | 4 | the version of the format, 1 |
/// | 4 | bytes of the header |
/// | 8 | bytes of the whole file |
/// | | the header: JSON, with the names, types and counts of the buffers, filled up with spaces to a multiple of 8 bytes |
/// | | the buffers in that order, each filled up with zeros to a multiple of 8 bytes |
/// | 4 | the CRC-32 of all bytes before |
///
/// All numbers are little-endian.
enum CheckpointFile {
    static let version: UInt32 = 1
    private static let magic = Array("ESPALIER".utf8)
    private static let start = 24

    private struct Contents: Codable {
        var training: TrainingSnapshot.Header
        var buffers: [Entry]

        struct Entry: Codable {
            var name: String
            var type: Element
            var count: Int
        }

        enum Element: String, Codable {
            case float32, float64
            var bytes: Int { self == .float32 ? 4 : 8 }
        }
    }

    // Writing

    /// Writes a snapshot; returns how many bytes the file has.
    ///
    /// - Parameter call: The system call that writes; tests put failing ones in its place.
    @discardableResult
    static func write(
        _ snapshot: TrainingSnapshot, to path: String,
        call: @escaping (Int32, UnsafeRawPointer, Int) -> Int = { Foundation.write($0, $1, $2) }
    ) throws -> Int {
        let entries = snapshot.buffers.map { buffer in
            switch buffer.values {
            case .floats(let values): Contents.Entry(name: buffer.name, type: .float32, count: values.count)
            case .doubles(let values): Contents.Entry(name: buffer.name, type: .float64, count: values.count)
            }
        }
        var header = Array(try ExactJSON.encode(Contents(training: snapshot.header, buffers: entries)))
        header += [UInt8](repeating: UInt8(ascii: " "), count: padding(header.count))
        let total = start + header.count + entries.reduce(0) { $0 + padded($1.count * $1.type.bytes) } + 4
        try AtomicFile.write(to: path, call: call) { output in
            var checksum = CRC32()
            func put(_ bytes: UnsafeRawBufferPointer) throws {
                checksum.update(bytes)
                try output.write(bytes)
            }
            let sizes = UInt32(header.count).littleEndianBytes + UInt64(total).littleEndianBytes
            try (magic + version.littleEndianBytes + sizes + header).withUnsafeBytes(put)
            for buffer in snapshot.buffers {
                switch buffer.values {
                case .floats(let values):
                    try values.withUnsafeBytes(put)
                    try [UInt8](repeating: 0, count: padding(values.count * 4)).withUnsafeBytes(put)
                case .doubles(let values): try values.withUnsafeBytes(put)
                }
            }
            try output.write(checksum.value.littleEndianBytes)
        }
        return total
    }

    private static func padding(_ count: Int) -> Int { (8 - count % 8) % 8 }
    private static func padded(_ count: Int) -> Int { count + padding(count) }

    // Reading

    /// Reads a snapshot back.
    ///
    /// - Throws: `EspalierError` for a file that is missing, torn, damaged, of another version or of something else.
    static func read(_ path: String) throws -> TrainingSnapshot {
        let file = try InputFile(path, kind: "a checkpoint")
        guard file.isOrdinary else { throw foreign(path) }
        let first = try file.read(min(start, file.size), of: UInt8.self)
        try check(first, size: file.size, path)
        // Only now is it known that the file says of itself to be as long as it is.
        let rest = try file.read(file.size - start, of: UInt8.self)
        return try parse(first + rest, at: path)
    }

    /// Reads a snapshot out of the bytes of a file.
    static func parse(_ bytes: [UInt8], at path: String) throws -> TrainingSnapshot {
        let headerCount = try check(Array(bytes.prefix(start)), size: bytes.count, path)
        let body = bytes.count - 4
        let checksum: UInt32 = bytes.withUnsafeBytes {
            CRC32.checksum(of: UnsafeRawBufferPointer(rebasing: $0[..<body]))
        }
        guard checksum == integer(bytes, at: body, of: UInt32.self) else {
            throw EspalierError(
                "the checkpoint is damaged: its checksum is not that of its bytes", at: path,
                expected: "the bytes that were written")
        }
        let contents: Contents
        do {
            contents = try ExactJSON.decode(Contents.self, from: Data(bytes[start..<start + headerCount]))
        } catch {
            throw EspalierError("the checkpoint's header cannot be read", at: path, expected: "version \(version)")
        }
        var position = start + headerCount
        let buffers = try contents.buffers.map { entry in
            let (count, isTooLarge) = entry.count.multipliedReportingOverflow(by: entry.type.bytes)
            guard entry.count >= 0, !isTooLarge, count <= body - position, padded(count) <= body - position else {
                throw torn(path)
            }
            defer { position += padded(count) }
            let part = bytes[position..<position + count]
            switch entry.type {
            case .float32: return TrainingSnapshot.Buffer(entry.name, values(part, of: Float.self))
            case .float64: return TrainingSnapshot.Buffer(entry.name, values(part, of: Double.self))
            }
        }
        guard position == body else { throw torn(path) }
        return TrainingSnapshot(header: contents.training, buffers: buffers)
    }

    /// Checks the first bytes of a file of `size` bytes, and says how long the header is.
    @discardableResult
    private static func check(_ first: [UInt8], size: Int, _ path: String) throws -> Int {
        guard size > 0 else { throw torn(path) }
        let known = min(first.count, magic.count)
        guard first.prefix(known).elementsEqual(magic.prefix(known)) else { throw foreign(path) }
        guard first.count == start, size >= start + 4 else { throw torn(path) }
        let found = integer(first, at: 8, of: UInt32.self)
        guard found == version else {
            throw EspalierError(
                "the checkpoint is of version \(found)", at: path, expected: "version \(version)",
                fix: "resume with the program that wrote it")
        }
        let header = Int(integer(first, at: 12, of: UInt32.self)), total = integer(first, at: 16, of: UInt64.self)
        guard total == UInt64(size), header <= size - start - 4 else { throw torn(path) }
        return header
    }

    private static func integer<Value: FixedWidthInteger>(_ bytes: [UInt8], at offset: Int, of: Value.Type) -> Value {
        bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self)) }
    }

    private static func values<Value: BitwiseCopyable>(_ bytes: ArraySlice<UInt8>, of: Value.Type) -> [Value] {
        [Value](unsafeUninitializedCapacity: bytes.count / MemoryLayout<Value>.stride) { buffer, count in
            count = bytes.count / MemoryLayout<Value>.stride
            bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
        }
    }

    private static func foreign(_ path: String) -> EspalierError {
        EspalierError("the file is no checkpoint", at: path, expected: "a file that begins with ESPALIER")
    }

    private static func torn(_ path: String) -> EspalierError {
        EspalierError(
            "the checkpoint is torn: it is not as long as it says", at: path, expected: "all bytes that were written")
    }
}
