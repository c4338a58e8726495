import EspalierSpec

/// A prefix code of DEFLATE, given by the length of each symbol's code word (RFC 1951, 3.2.2).
///
/// Words of up to 11 bits are looked up in a table, longer ones, which are rare by their nature, are found bit by bit.
final class HuffmanCode {
    private static let tableBits = 11
    private static let longest = 15

    /// By the next bits of the stream: the symbol times 16 plus the length of its word; 0 for no word of that length.
    private let table: UnsafeMutablePointer<UInt16>
    /// How many words there are of each length.
    private var counts = [Int](repeating: 0, count: longest + 1)
    /// The symbols in the order of their words.
    private var symbols: [UInt16]

    /// - Parameter lengths: The length of each symbol's word, 0 for none, at most 15.
    /// - Throws: Where no code has such words: too many, or some bits that are no word, unless there is one word of one
    ///   bit or none at all.
    init(lengths: ArraySlice<UInt8>, _ what: String) throws {
        table = .allocate(capacity: 1 << Self.tableBits)
        table.initialize(repeating: 0, count: 1 << Self.tableBits)
        symbols = [UInt16](repeating: 0, count: lengths.count)
        for length in lengths where length > 0 { counts[Int(length)] += 1 }
        var free = 1
        for length in 1...Self.longest {
            free = 2 * free - counts[length]
            guard free >= 0 else { throw Inflate.malformed("the \(what) code has too many words") }
        }
        let used = counts.reduce(0, +)
        guard free == 0 || used == 0 || used == 1 && counts[1] == 1 else {
            throw Inflate.malformed("the \(what) code has bits that are no word")
        }
        fill(lengths)
    }

    deinit { table.deallocate() }

    private func fill(_ lengths: ArraySlice<UInt8>) {
        var first = 0
        var words = [Int](repeating: 0, count: Self.longest + 1)
        var positions = words
        var position = 0
        for length in 1...Self.longest {
            first <<= 1
            words[length] = first
            positions[length] = position
            first += counts[length]
            position += counts[length]
        }
        for (symbol, length) in lengths.enumerated() where length > 0 {
            let length = Int(length)
            symbols[positions[length]] = UInt16(symbol)
            positions[length] += 1
            let word = words[length]
            words[length] += 1
            guard length <= Self.tableBits else { continue }
            // The stream has a word's highest bit first, and every number's lowest.
            let reversed = Int(UInt16(word).bitReversed >> UInt16(16 - length))
            for index in stride(from: reversed, to: 1 << Self.tableBits, by: 1 << length) {
                table[index] = UInt16(symbol << 4 | length)
            }
        }
    }

    /// Takes one word; the reader has been refilled.
    @inline(__always)
    func symbol(_ reader: inout BitReader) throws -> Int {
        let entry = table[Int(reader.bits & (1 << UInt64(Self.tableBits) - 1))]
        guard entry != 0 else { return try rareSymbol(&reader) }
        try reader.drop(Int(entry & 15))
        return Int(entry >> 4)
    }

    @inline(never)
    private func rareSymbol(_ reader: inout BitReader) throws -> Int {
        var word = 0, first = 0, position = 0
        for length in 1...Self.longest {
            word = word << 1 | Int(reader.bits >> UInt64(length - 1) & 1)
            first <<= 1
            if word - first < counts[length] {
                try reader.drop(length)
                return Int(symbols[position + word - first])
            }
            first += counts[length]
            position += counts[length]
        }
        throw reader.count < Self.longest ? Inflate.truncated : Inflate.malformed("bits that are no code word")
    }
}

extension UInt16 {
    fileprivate var bitReversed: UInt16 {
        var value = self
        value = (value >> 1 & 0x5555) | (value & 0x5555) << 1
        value = (value >> 2 & 0x3333) | (value & 0x3333) << 2
        value = (value >> 4 & 0x0F0F) | (value & 0x0F0F) << 4
        return value.byteSwapped
    }
}
