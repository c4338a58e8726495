extension JSON {
    /// Reads one JSON value (RFC 8259).
    ///
    /// Foundation's decoder forgets the order of keys, takes the last of two equal keys and makes no difference between
    /// 1 and 1.0; all three matter to the files read here.
    ///
    /// - Parameters:
    ///   - text: One JSON value.
    ///   - file: What messages call the text.
    /// - Throws: `EspalierError` with `FILE:LINE:COL`; a key that is given twice is an error too.
    public static func parse(_ text: String, file: String = "JSON") throws -> ConfigurationValue {
        try parse(Array(text.utf8), file: file)
    }

    /// Reads one JSON value from its bytes in UTF-8.
    public static func parse(
        _ bytes: some Collection<UInt8>, file: String = "JSON"
    ) throws -> ConfigurationValue {
        func parse(_ buffer: UnsafeBufferPointer<UInt8>) throws -> ConfigurationValue {
            var reader = JSONReader(bytes: buffer, file: file)
            return try reader.readDocument()
        }
        if let value = try bytes.withContiguousStorageIfAvailable(parse) { return value }
        return try Array(bytes).withUnsafeBufferPointer(parse)
    }
}

private struct JSONReader {
    /// Far deeper than anything written here, and shallow enough for the smallest stack.
    static let maximumDepth = 128

    let bytes: UnsafeBufferPointer<UInt8>
    let file: String
    var position = 0

    mutating func readDocument() throws -> ConfigurationValue {
        let value = try readValue(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw failure("something follows the value") }
        return value
    }

    private mutating func readValue(depth: Int) throws -> ConfigurationValue {
        skipSpace()
        guard let first = peek else { throw failure("the text ends where a value should be") }
        switch first {
        case UInt8(ascii: "{"): return .map(try readMap(depth: depth))
        case UInt8(ascii: "["): return .list(try readList(depth: depth))
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "t"): return try readWord("true", .boolean(true))
        case UInt8(ascii: "f"): return try readWord("false", .boolean(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try readNumber()
        default: throw failure("no value begins like this")
        }
    }

    // MARK: Maps and lists

    private mutating func readMap(depth: Int) throws -> [ConfigurationValue.Entry] {
        var entries: [ConfigurationValue.Entry] = []
        var keys: Set<String> = []
        try readItems(until: UInt8(ascii: "}"), depth: depth) { reader in
            reader.skipSpace()
            guard reader.peek == UInt8(ascii: "\"") else { throw reader.failure("a key in quotes should be here") }
            let start = reader.position
            let key = try reader.readString()
            guard keys.insert(key).inserted else {
                throw reader.failure("the key \"\(key)\" is given twice", at: start)
            }
            reader.skipSpace()
            guard reader.take(UInt8(ascii: ":")) else { throw reader.failure("a colon should be here") }
            entries.append(.init(key, try reader.readValue(depth: depth + 1)))
        }
        return entries
    }

    private mutating func readList(depth: Int) throws -> [ConfigurationValue] {
        var items: [ConfigurationValue] = []
        try readItems(until: UInt8(ascii: "]"), depth: depth) { items.append(try $0.readValue(depth: depth + 1)) }
        return items
    }

    private mutating func readItems(
        until end: UInt8, depth: Int, _ readItem: (inout JSONReader) throws -> Void
    ) throws {
        guard depth < Self.maximumDepth else { throw failure("nested too deeply") }
        position += 1
        skipSpace()
        if take(end) { return }
        while true {
            try readItem(&self)
            skipSpace()
            if take(end) { return }
            guard take(UInt8(ascii: ",")) else {
                throw failure("a comma or \(Character(Unicode.Scalar(end))) should be here")
            }
        }
    }

    // MARK: Strings

    private mutating func readString() throws -> String {
        let start = position
        position += 1
        var text = ""
        var run = position
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                text += try textOfBytes(run..<position)
                position += 1
                return text
            case UInt8(ascii: "\\"):
                text += try textOfBytes(run..<position)
                text.unicodeScalars.append(try readEscape())
                run = position
            case ..<0x20: throw failure("a control character in a text")
            default: position += 1
            }
        }
        throw failure("the text that begins here never ends", at: start)
    }

    private func textOfBytes(_ range: Range<Int>) throws -> String {
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            throw failure("a byte that is not UTF-8", at: range.lowerBound)
        }
        return text
    }

    private mutating func readEscape() throws -> Unicode.Scalar {
        let start = position
        position += 2
        switch start + 1 < bytes.count ? bytes[start + 1] : 0 {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var code = try readHexadecimal(from: start)
            // A character beyond the first 65,536 is written as two halves.
            if (0xD800..<0xDC00).contains(code), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
                let low = try readHexadecimal(from: start)
                guard (0xDC00..<0xE000).contains(low) else { throw failure("half a character", at: start) }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw failure("half a character", at: start) }
            return scalar
        default: throw failure("an escape that JSON does not know", at: start)
        }
    }

    private mutating func readHexadecimal(from start: Int) throws -> UInt32 {
        let digits = bytes[position..<min(position + 4, bytes.count)]
        let isHexadecimal = digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
        guard digits.count == 4, isHexadecimal, let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw failure("an escape without four hexadecimal digits", at: start) }
        position += 4
        return code
    }

    // MARK: Numbers and words

    private mutating func readNumber() throws -> ConfigurationValue {
        let start = position
        _ = take(UInt8(ascii: "-"))
        let leadingZero = peek == UInt8(ascii: "0")
        let whole = skipDigits()
        guard whole > 0, !leadingZero || whole == 1 else { throw failure("no number of JSON", at: start) }
        var isWhole = true
        if take(UInt8(ascii: ".")) {
            isWhole = false
            guard skipDigits() > 0 else { throw failure("no number of JSON", at: start) }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isWhole = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard skipDigits() > 0 else { throw failure("no number of JSON", at: start) }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let value = Int(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw failure("a number out of range", at: start) }
        return .number(value)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }

    private mutating func readWord(
        _ word: StaticString, _ value: ConfigurationValue
    ) throws -> ConfigurationValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[index]) else { throw failure("no value begins like this") }
        }
        return value
    }

    // MARK: Bytes

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func failure(_ what: String, at place: Int? = nil) -> EspalierError {
        let before = bytes[..<min(place ?? position, bytes.count)]
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let column = String(decoding: before[start...], as: UTF8.self).unicodeScalars.count + 1
        return EspalierError(
            what, at: SourceLocation(file: file, line: line, column: column).description, expected: "valid JSON")
    }
}
