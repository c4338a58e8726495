import EspalierSpec
import Foundation

/// A file of records in the framing of TensorFlow's TFRecord, as TensorBoard reads its events.
///
/// A record is its length in 8 bytes, a checksum of that, the data, and a checksum of the data. It is handed to the system
/// in one piece as soon as it is complete, so that a process that dies leaves whole records, or one torn at the end, which
/// readers pass over.
final class EventFile {
    let path: String
    private let descriptor: Int32

    /// Begins a new file in `folder`, which is made if it is missing.
    ///
    /// - Parameter start: When the run began, in seconds since 1970; a run that goes on later has a file of its own.
    /// - Throws: `EspalierError` where that cannot be.
    init(in folder: String, start: Double) throws {
        try SystemFile.makeFolders(folder)
        path = Self.path(in: folder, start: start)
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw SystemFile.failure(errno, "cannot write", path) }
    }

    /// What the file of a run is called; TensorBoard looks for `tfevents` in it.
    static func path(in folder: String, start: Double) -> String {
        "\(folder)/events.out.tfevents.\(Int(start)).\(Int(start * 1000) % 1000).espalier"
    }

    deinit { close(descriptor) }

    /// Appends a whole record.
    func append(_ record: [UInt8]) throws {
        try record.withUnsafeBytes { try SystemFile.write($0, to: descriptor, path: path) }
    }

    /// `data` in its frame.
    static func record(_ data: [UInt8]) -> [UInt8] {
        let length = UInt64(data.count).littleEndianBytes
        return length + masked(length).littleEndianBytes + data + masked(data).littleEndianBytes
    }

    /// The checksum turned and shifted, since that of data which holds checksums is of little use.
    private static func masked(_ bytes: [UInt8]) -> UInt32 {
        let checksum = CRC32C.checksum(of: bytes)
        return (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
    }
}

/// Castagnoli's checksum: the remainder of a division by the polynomial of RFC 3720, 0x82F63B78 in reversed bits.
enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { remainder, _ in
            remainder & 1 == 1 ? remainder >> 1 ^ 0x82F6_3B78 : remainder >> 1
        }
    }

    static func checksum(of bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { $0 >> 8 ^ table[Int(($0 ^ UInt32($1)) & 255)] }
    }
}
