import EspalierData

/// A picture of grey pixels as a PNG file, not compressed.
///
/// Source: W3C, "Portable Network Graphics"; RFC 1950 and 1951 for what is around the pixels.
struct PNGPicture {
    var width: Int
    /// Of `width` pixels each, from 0 for black to 255.
    var rows: [[UInt8]]

    var bytes: [UInt8] {
        let header = big(width) + big(rows.count) + [8, 0, 0, 0, 0]
        return [0x89] + Array("PNG\r\n".utf8) + [0x1A, 0x0A] + chunk("IHDR", header) + chunk("IDAT", data)
            + chunk("IEND", [])
    }

    /// The rows, each after the number of its filter, in stored blocks of at most 65,535 bytes.
    private var data: [UInt8] {
        let pixels: [UInt8] = rows.flatMap { [UInt8(0)] + $0 }
        var data: [UInt8] = [0x78, 0x01]
        for start in stride(from: 0, to: pixels.count, by: 65_535) {
            let block = pixels[start..<min(start + 65_535, pixels.count)]
            let size = UInt16(block.count)
            data.append(block.endIndex == pixels.count ? 1 : 0)
            for number in [size, ~size] { data += [UInt8(truncatingIfNeeded: number), UInt8(number >> 8)] }
            data += block
        }
        let sums = pixels.reduce(into: (a: 1, b: 0)) { sums, byte in
            sums.a = (sums.a + Int(byte)) % 65_521
            sums.b = (sums.b + sums.a) % 65_521
        }
        return data + big(sums.b << 16 | sums.a)
    }

    private func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + data
        return big(data.count) + body + big(Int(body.withUnsafeBytes(CRC32.checksum)))
    }

    private func big(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
}
