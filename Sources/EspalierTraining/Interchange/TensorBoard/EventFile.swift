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
    /// - Throws: `EspalierError` where that cannot be.
    init(in folder: String) throws {
        try SystemFile.makeFolders(folder)
        let stem = "\(folder)/events.out.tfevents.\(Int(Date.now.timeIntervalSince1970)).espalier"
        var number = 0
        while true {
            let path = "\(stem).\(number)"
            let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if descriptor >= 0 {
                self.path = path
                self.descriptor = descriptor
                return
            }
            guard errno == EEXIST else { throw SystemFile.failure(errno, "cannot write", path) }
            number += 1
        }
    }

    deinit { close(descriptor) }

    func append(_ data: [UInt8]) throws {
        let record = Self.record(data)
        try record.withUnsafeBytes { try SystemFile.write($0, to: descriptor, path: path) }
    }

    /// `data` in its frame.
    static func record(_ data: [UInt8]) -> [UInt8] {
        let length = little(UInt64(data.count))
        return length + little(masked(length)) + data + little(masked(data))
    }

    private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
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
