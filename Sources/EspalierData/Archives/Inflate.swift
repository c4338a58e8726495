import EspalierSpec

/// Undoes DEFLATE compression (RFC 1951).
enum Inflate {
    /// How far a stream was unpacked.
    enum Outcome: Equatable {
        /// To its end: how many bytes were read and written.
        case ended(read: Int, written: Int)
        /// Until there was no more room.
        case full
    }

    /// No stream unpacks to more than so many bytes for each of its own: two bits that stand for 258 bytes.
    static let largestRatio = 1032

    /// Unpacks `input` into `output`.
    ///
    /// - Throws: `EspalierError`, without a place, where the stream is damaged or ends early.
    static func unpack(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws -> Outcome {
        guard let start = input.baseAddress else { throw truncated }
        var inflater = Inflater(
            reader: BitReader(start.assumingMemoryBound(to: UInt8.self), count: input.count), output: output)
        return try inflater.run() ? .ended(read: inflater.reader.bytesRead, written: inflater.written) : .full
    }

    /// The longest repetition, and from how far back it can be.
    static let longestRepetition = 258, window = 1 << 15

    static let truncated = EspalierError(
        "the compressed data ends early", expected: "a whole DEFLATE stream", fix: "copy or fetch the file again")

    static func malformed(_ what: String) -> EspalierError {
        EspalierError(
            "the compressed data is damaged: \(what)", expected: "a DEFLATE stream", fix: "copy or fetch the file again"
        )
    }
}

/// A stream that is being unpacked; it can stop at any symbol and go on.
struct Inflater {
    var reader: BitReader
    /// Where to; what was written last may be repeated, so up to `Inflate.window` bytes of it have to stay in front.
    let output: UnsafeMutableRawBufferPointer
    var written = 0
    /// How many bytes of input have to be there for what comes next; none where all of the input is there.
    var inputReserve = 0
    /// How much room has to be there for a symbol; none where what does not fit is not wanted.
    var outputReserve = 0
    private var block = Block.none
    private var isLast = false

    /// What is left of the block at hand.
    private enum Block {
        case none
        case stored(Int)
        case symbols(HuffmanCode, HuffmanCode)
    }

    init(reader: BitReader, output: UnsafeMutableRawBufferPointer) {
        self.reader = reader
        self.output = output
    }

    /// Unpacks; true at the end of the stream, false where there is no more room, or too little input.
    mutating func run() throws -> Bool {
        while true {
            switch block {
            case .none:
                if isLast { return true }
                guard reader.bytesLeft >= inputReserve else { return false }
                try begin()
            case .stored(let length):
                let count = try copyStored(length)
                block = count == length ? .none : .stored(length - count)
                if count < length { return false }
            case .symbols(let literals, let distances):
                guard try unpack(literals, distances) else { return false }
                block = .none
            }
        }
    }

    /// Reads how a block begins, and its codes.
    private mutating func begin() throws {
        isLast = try reader.take(1) == 1
        switch try reader.take(2) {
        case 0: block = .stored(try storedLength())
        case 1: block = .symbols(try Self.fixedLiterals(), try Self.fixedDistances())
        case 2:
            let (literals, distances) = try readCodes()
            block = .symbols(literals, distances)
        default: throw Inflate.malformed("a block of the kind 3")
        }
    }

    private mutating func storedLength() throws -> Int {
        guard let header = reader.bytes(4) else { throw Inflate.truncated }
        let length = Int(header[0]) | Int(header[1]) << 8
        guard length ^ 0xFFFF == Int(header[2]) | Int(header[3]) << 8 else {
            throw Inflate.malformed("the two lengths of a stored block differ")
        }
        return length
    }

    /// Copies as much of `length` bytes as there is room and input for.
    private mutating func copyStored(_ length: Int) throws -> Int {
        let count = min(length, output.count - written, inputReserve > 0 ? reader.bytesLeft : length)
        guard let source = reader.bytes(count) else { throw Inflate.truncated }
        if count > 0, let base = output.baseAddress { (base + written).copyMemory(from: source, byteCount: count) }
        written += count
        return count
    }

    // MARK: Codes

    private static func fixedLiterals() throws -> HuffmanCode {
        let lengths = [(144, 8), (112, 9), (24, 7), (8, 8)].flatMap { [UInt8](repeating: UInt8($0.1), count: $0.0) }
        return try HuffmanCode(lengths: lengths[...], "literal")
    }

    private static func fixedDistances() throws -> HuffmanCode {
        try HuffmanCode(lengths: [UInt8](repeating: 5, count: 32)[...], "distance")
    }

    /// The order in which the lengths of the words for lengths come.
    private static let lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    private mutating func readCodes() throws -> (literals: HuffmanCode, distances: HuffmanCode) {
        let literalCount = try reader.take(5) + 257, distanceCount = try reader.take(5) + 1
        guard literalCount <= 286, distanceCount <= 30 else { throw Inflate.malformed("a code with too many symbols") }
        let lengthCount = try reader.take(4) + 4
        var lengths = [UInt8](repeating: 0, count: 19)
        for symbol in Self.lengthOrder.prefix(lengthCount) { lengths[symbol] = UInt8(try reader.take(3)) }
        lengths = try readLengths(literalCount + distanceCount, HuffmanCode(lengths: lengths[...], "length"))
        guard lengths[256] > 0 else { throw Inflate.malformed("a block without an end") }
        return (
            try HuffmanCode(lengths: lengths[..<literalCount], "literal"),
            try HuffmanCode(lengths: lengths[literalCount...], "distance")
        )
    }

    private mutating func readLengths(_ count: Int, _ code: HuffmanCode) throws -> [UInt8] {
        var lengths: [UInt8] = []
        while lengths.count < count {
            reader.refill()
            let symbol = try code.symbol(&reader)
            if symbol < 16 {
                lengths.append(UInt8(symbol))
                continue
            }
            let repeated: UInt8, times: Int
            switch symbol {
            case 16:
                guard let last = lengths.last else { throw Inflate.malformed("a repetition of nothing") }
                (repeated, times) = (last, try reader.take(2) + 3)
            case 17: (repeated, times) = (0, try reader.take(3) + 3)
            default: (repeated, times) = (0, try reader.take(7) + 11)
            }
            guard lengths.count + times <= count else { throw Inflate.malformed("more lengths than symbols") }
            lengths.append(contentsOf: repeatElement(repeated, count: times))
        }
        return lengths
    }

    // MARK: Symbols

    /// Bits that follow the symbols from 257 on, and the length that each begins with.
    private static let lengths: [(base: Int, bits: Int)] =
        table(
            [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5], from: 3) + [(258, 0)]
    private static let distances = table(
        [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13], from: 1)

    private static func table(_ bits: [Int], from first: Int) -> [(base: Int, bits: Int)] {
        var base = first
        return bits.map { bits in
            defer { base += 1 << bits }
            return (base, bits)
        }
    }

    /// Literals and repetitions until the end of the block; false where there is no room for all of them, or less of input
    /// or room than is reserved.
    private mutating func unpack(_ literals: HuffmanCode, _ distances: HuffmanCode) throws -> Bool {
        guard let base = output.baseAddress else { return false }
        let start = base.assumingMemoryBound(to: UInt8.self)
        let room = output.count
        // Copies, which stay in registers.
        var reader = reader, written = written
        let inputReserve = inputReserve, outputReserve = outputReserve
        defer { (self.reader, self.written) = (reader, written) }
        return try Self.lengths.withUnsafeBufferPointer { lengthTable in
            try Self.distances.withUnsafeBufferPointer { distanceTable in
                while true {
                    if reader.bytesLeft < inputReserve || room - written < outputReserve { return false }
                    // A repetition takes up to 15 + 5 + 15 + 13 bits.
                    if reader.count < 48 { reader.refill() }
                    let symbol = try literals.symbol(&reader)
                    if symbol < 256 {
                        guard written < room else { return false }
                        start[written] = UInt8(truncatingIfNeeded: symbol)
                        written += 1
                        continue
                    }
                    if symbol == 256 { return true }
                    guard symbol < 286 else { throw Inflate.malformed("a length that is not defined") }
                    let length = try lengthTable[symbol - 257].base + reader.take(lengthTable[symbol - 257].bits)
                    let step = try distances.symbol(&reader)
                    guard step < 30 else { throw Inflate.malformed("a distance that is not defined") }
                    let distance = try distanceTable[step].base + reader.take(distanceTable[step].bits)
                    guard distance <= written else { throw Inflate.malformed("a repetition from before the beginning") }
                    let count = min(length, room - written)
                    Self.copy(count, from: start + (written - distance), to: start + written, distance: distance)
                    written += count
                    if count < length { return false }
                }
            }
        }
    }

    /// Repeats what was written `distance` bytes ago; where that is less than `count`, it repeats what it writes itself.
    @inline(__always)
    private static func copy(
        _ count: Int, from source: UnsafeMutablePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, distance: Int
    ) {
        if distance >= count {
            target.update(from: source, count: count)
        } else if distance == 1 {
            target.update(repeating: source.pointee, count: count)
        } else {
            for index in 0..<count { target[index] = source[index] }
        }
    }
}
