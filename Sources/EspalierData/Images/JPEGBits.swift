/// Bits of a scan of a JPEG file, the highest of each byte first: up to the next marker, then zeros.
struct JPEGBits {
    private let bytes: [UInt8]
    /// Of the next byte; never behind a marker.
    private(set) var position: Int
    /// The bits to come, from the highest on.
    private var bits: UInt64 = 0
    private var count = 0
    /// Zeros that were put behind the last bit of the file.
    private var padding = 0

    init(_ bytes: [UInt8], from position: Int) {
        self.bytes = bytes
        self.position = position
    }

    /// Whether more bits were taken than there are.
    var isOverdrawn: Bool { padding > count }

    /// Leaves at least 32 bits to be taken.
    @inline(__always)
    mutating func refill() {
        if count < 32 { refillBytes() }
    }

    private mutating func refillBytes() {
        while count <= 56 {
            var byte: UInt8 = 0
            if position < bytes.count {
                byte = bytes[position]
                if byte != 0xFF {
                    position += 1
                } else if position + 1 < bytes.count, bytes[position + 1] == 0 {
                    position += 2
                } else {
                    byte = 0
                    padding += 8
                }
            } else {
                padding += 8
            }
            bits |= UInt64(byte) << UInt64(56 - count)
            count += 8
        }
    }

    /// The next 16 bits.
    @inline(__always)
    var next: Int { Int(bits >> 48) }

    @inline(__always)
    mutating func drop(_ width: Int) {
        bits <<= UInt64(width)
        count -= width
    }

    /// Takes a number of 1 to 16 bits; the reader has been refilled.
    @inline(__always)
    mutating func take(_ width: Int) -> Int {
        let value = Int(bits >> UInt64(64 - width))
        drop(width)
        return value
    }

    /// Takes a number of 1 to 16 bits that is negative where its highest bit is 0.
    @inline(__always)
    mutating func takeSigned(_ width: Int) -> Int {
        let value = take(width)
        return value < 1 << (width - 1) ? value - 1 << width + 1 : value
    }

    /// Goes on behind the mark of a restart, which has to be number `number` modulo 8.
    mutating func restart(_ number: Int) throws {
        guard let mark = bytes[position...].firstIndex(of: 0xFF), mark + 1 < bytes.count else {
            throw JPEGFile.truncated
        }
        guard bytes[mark + 1] == 0xD0 + UInt8(number & 7) else {
            throw JPEGFile.damaged("the mark of a restart is missing")
        }
        (position, bits, count, padding) = (mark + 2, 0, 0, 0)
    }
}

/// A Huffman code of a JPEG file: words of up to 16 bits for bytes.
struct JPEGCode {
    private static let tableBits = 9

    /// By the next bits: the length of the word times 256 plus its symbol; 0 where the word is longer.
    private var table = [UInt16](repeating: 0, count: 1 << tableBits)
    /// By length: the first number of 16 bits that begins with no word of that length or a shorter one.
    private var ends = [Int](repeating: 0, count: 17)
    /// By length: what to add to a word to have its symbol's place.
    private var offsets = [Int](repeating: 0, count: 17)
    private let symbols: [UInt8]

    /// - Parameters:
    ///   - counts: How many words there are of each length from 1 to 16.
    ///   - symbols: In the order of their words.
    init(counts: [UInt8], symbols: [UInt8]) throws {
        self.symbols = symbols
        var word = 0, place = 0
        for length in 1...16 {
            offsets[length] = place - word
            for _ in 0..<counts[length - 1] {
                guard word < 1 << length else { throw JPEGFile.damaged("a code with too many words") }
                if length <= Self.tableBits {
                    let rest = Self.tableBits - length
                    for index in (word << rest)..<((word + 1) << rest) {
                        table[index] = UInt16(length) << 8 | UInt16(symbols[place])
                    }
                }
                word += 1
                place += 1
            }
            ends[length] = word << (16 - length)
            word <<= 1
        }
    }

    /// Takes one word; the reader has been refilled.
    @inline(__always)
    func symbol(_ bits: inout JPEGBits) throws -> Int {
        let entry = table[bits.next >> (16 - Self.tableBits)]
        if entry != 0 {
            bits.drop(Int(entry >> 8))
            return Int(entry & 255)
        }
        return try rareSymbol(&bits)
    }

    @inline(never)
    private func rareSymbol(_ bits: inout JPEGBits) throws -> Int {
        let next = bits.next
        for length in (Self.tableBits + 1)...16 where next < ends[length] {
            bits.drop(length)
            return Int(symbols[offsets[length] + next >> (16 - length)])
        }
        throw JPEGFile.damaged("bits that are no code word")
    }
}
