import EspalierSpec
import Foundation

/// Writes a picture as a PNG file: small pictures for reports.
///
/// Each row has the filter whose bytes have the least sum, as the recommendation advises; what repeats is compressed by
/// DEFLATE with its fixed codes.
package enum PNGWriter {
    /// - Parameters:
    ///   - pixels: `[height, width, channels]`.
    ///   - channels: 1 for grey, 3 for red, green and blue.
    package static func file(height: Int, width: Int, channels: Int, pixels: [UInt8]) -> [UInt8] {
        precondition(channels == 1 || channels == 3, "a picture that is written is grey, or red, green and blue")
        precondition(pixels.count == height * width * channels, "a picture has a byte for each channel of each pixel")
        let lines = filtered(pixels, rowBytes: width * channels, pixel: channels)
        let header = big(width) + big(height) + [8, channels == 1 ? 0 : 2, 0, 0, 0]
        let data: [UInt8] = [0x78, 0x01] + Deflate.pack(lines) + big(adler32(of: lines))
        return PNGFile.signature + chunk("IHDR", header) + chunk("IDAT", data) + chunk("IEND", [])
    }

    private static func big(_ number: Int) -> [UInt8] { withUnsafeBytes(of: UInt32(number).bigEndian, Array.init) }

    private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + content
        return big(content.count) + body + big(Int(body.withUnsafeBytes(CRC32.checksum)))
    }

    private static func filtered(_ pixels: [UInt8], rowBytes: Int, pixel: Int) -> [UInt8] {
        var lines: [UInt8] = []
        lines.reserveCapacity(pixels.count + pixels.count / max(1, rowBytes))
        for start in stride(from: 0, to: pixels.count, by: rowBytes) {
            func neighbours(_ index: Int) -> (left: Int, above: Int, corner: Int) {
                let hasLeft = index - start >= pixel, hasAbove = start > 0
                return (
                    hasLeft ? Int(pixels[index - pixel]) : 0, hasAbove ? Int(pixels[index - rowBytes]) : 0,
                    hasLeft && hasAbove ? Int(pixels[index - rowBytes - pixel]) : 0
                )
            }
            let candidates: [[UInt8]] = (0..<5).map { filter in
                (start..<start + rowBytes).map { index in
                    let (left, above, corner) = neighbours(index)
                    let guesses = [0, left, above, (left + above) / 2, PNGScanlines.paeth(left, above, corner)]
                    return pixels[index] &- UInt8(guesses[filter])
                }
            }
            let sums = candidates.map { $0.reduce(0) { $0 + Int(min($1, 0 &- $1)) } }
            let best = sums.indices.min { sums[$0] < sums[$1] } ?? 0
            lines.append(UInt8(best))
            lines += candidates[best]
        }
        return lines
    }

    /// The checksum of zlib: the sum of all bytes, and the sum of these sums, modulo 65521.
    private static func adler32(of bytes: [UInt8]) -> Int {
        var sum = 1, sums = 0
        for byte in bytes {
            sum = (sum + Int(byte)) % 65521
            sums = (sums + sum) % 65521
        }
        return sums << 16 | sum
    }
}

/// Compression by DEFLATE (RFC 1951) in one block of fixed codes.
enum Deflate {
    /// No repetition is longer than so many bytes, or begins further back.
    private static let longest = 258, furthest = 32768

    static func pack(_ bytes: [UInt8]) -> [UInt8] {
        var output = BitWriter()
        output.write(0b011, 3)
        // Where three bytes were last seen, by their hash.
        var places = [Int](repeating: -1, count: 1 << 12)
        var index = 0
        while index < bytes.count {
            var length = 0, distance = 0
            if index + 3 <= bytes.count {
                let hash = Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
                let slot = (hash &* 0x9E37_79B1) >> 16 & 0xFFF, place = places[slot]
                places[slot] = index
                if place >= 0, index - place <= furthest {
                    distance = index - place
                    let most = min(longest, bytes.count - index)
                    while length < most, bytes[place + length] == bytes[index + length] { length += 1 }
                }
            }
            if length >= 3 {
                output.write(length: length, distance: distance)
                index += length
            } else {
                output.write(symbol: Int(bytes[index]))
                index += 1
            }
        }
        output.write(symbol: 256)
        return output.bytes
    }
}

/// Bits as DEFLATE has them: the lowest of each byte first.
private struct BitWriter {
    private var written: [UInt8] = []
    private var bits = 0
    private var count = 0

    var bytes: [UInt8] { count > 0 ? written + [UInt8(bits)] : written }

    /// A number, its lowest bit first.
    mutating func write(_ value: Int, _ width: Int) {
        bits |= value << count
        count += width
        while count >= 8 {
            written.append(UInt8(truncatingIfNeeded: bits))
            bits >>= 8
            count -= 8
        }
    }

    /// A word of a code, its highest bit first.
    private mutating func write(word: Int, _ width: Int) {
        for bit in stride(from: width - 1, through: 0, by: -1) { write(word >> bit & 1, 1) }
    }

    /// By the fixed code (RFC 1951, 3.2.6).
    mutating func write(symbol: Int) {
        switch symbol {
        case 0..<144: write(word: 48 + symbol, 8)
        case 144..<256: write(word: 400 + symbol - 144, 9)
        case 256..<280: write(word: symbol - 256, 7)
        default: write(word: 192 + symbol - 280, 8)
        }
    }

    mutating func write(length: Int, distance: Int) {
        // Four lengths to each number of further bits, twice as many with each bit; two distances likewise.
        if length == 258 {
            write(symbol: 285)
        } else if length < 11 {
            write(symbol: 254 + length)
        } else {
            let value = length - 3, width = value.bitWidth - value.leadingZeroBitCount - 3
            write(symbol: 257 + 4 * width + value >> width)
            write(value & (1 << width - 1), width)
        }
        let value = distance - 1
        if value < 4 {
            write(word: value, 5)
        } else {
            let width = value.bitWidth - value.leadingZeroBitCount - 2
            write(word: 2 * width + value >> width, 5)
            write(value & (1 << width - 1), width)
        }
    }
}
