/// The checksum of gzip and zip: the remainder of a division by the polynomial of ISO 3309, 0xEDB88320 in reversed bits.
package enum CRC32 {
    /// For each position in a group of eight bytes, what each value of that byte adds to the remainder.
    private static let table: [UInt32] = {
        var table: [UInt32] = []
        for byte in 0..<UInt32(256) {
            var remainder = byte
            for _ in 0..<8 {
                let half = remainder >> 1
                remainder = remainder & 1 == 1 ? half ^ 0xEDB8_8320 : half
            }
            table.append(remainder)
        }
        for index in 256..<2048 {
            let before = table[index - 256]
            table.append(before >> 8 ^ table[Int(before & 255)])
        }
        return table
    }()

    package static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            var remainder = ~UInt32(0)
            var index = 0
            // Eight bytes at a time, whose eight look-ups do not wait for each other.
            while bytes.count - index >= 8 {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                let mixed = word ^ UInt64(remainder)
                remainder = 0
                for position in 0..<8 {
                    let byte = Int(mixed >> UInt64(8 * position) & 255)
                    remainder ^= table[(7 - position) * 256 + byte]
                }
                index += 8
            }
            while index < bytes.count {
                remainder = remainder >> 8 ^ table[Int((remainder ^ UInt32(bytes[index])) & 255)]
                index += 1
            }
            return ~remainder
        }
    }
}
