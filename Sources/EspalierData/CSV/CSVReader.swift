import EspalierSpec

/// The records of a CSV file, one at a time, from a buffer that holds no more than the longest of them.
struct CSVReader: ~Copyable {
    /// Where a field lies in the buffer, without the quotes around it.
    struct Field {
        var start: Int
        var end: Int
        var isQuoted = false
        /// Whether it holds doubled quotes, which stand for one.
        var hasDoubledQuotes = false
        var isEmpty: Bool { start == end }
    }

    let file: any ByteInput
    /// The byte between two fields; where nobody says it, that of the first line.
    private(set) var separator: UInt8
    private let isSeparatorKnown: Bool
    /// The fields of the current record.
    var fields: [Field] = []
    /// The line on which the current record starts, counted from 1.
    var line = 0

    var buffer: UnsafeMutableRawBufferPointer
    /// Where in the buffer the next record starts, and where what was read ends.
    var position = 0
    private(set) var end = 0
    private var isAtEndOfFile = false
    var nextLine = 1
    /// How much of the file lies before the buffer.
    private var bytesBefore = 0

    /// A record that is longer than this is taken for a quote that was never closed.
    static let longestRecord = 16 << 20

    init(_ file: any ByteInput, separator: CSVSeparator? = nil, bufferSize: Int = 1 << 18) {
        self.file = file
        self.separator = separator?.byte ?? Self.comma
        isSeparatorKnown = separator != nil
        buffer = .allocate(byteCount: max(bufferSize, 4), alignment: 1)
    }

    deinit { buffer.deallocate() }

    /// How many bytes of the file the records so far took.
    var bytesRead: Int { bytesBefore + position }

    /// Goes on to the next record; false at the end of the file.
    ///
    /// Empty lines at the end of the file are no records.
    mutating func next() throws -> Bool {
        if line == 0 {
            try readMore()
            try skipByteOrderMark()
            if !isSeparatorKnown { try findSeparator() }
        }
        var emptyLine: Int?
        while true {
            line = nextLine
            guard let recordEnd = try scanRecord() else {
                try readMore()
                continue
            }
            if recordEnd == position { return false }
            position = recordEnd
            if fields.count > 1 || !fields[0].isEmpty || fields[0].isQuoted {
                if let emptyLine {
                    throw EspalierError(
                        "the line is empty", at: "\(file.path):\(emptyLine)", expected: "a row",
                        fix: "remove the line")
                }
                return true
            }
            emptyLine = emptyLine ?? line
        }
    }

    /// The bytes of a field, in which doubled quotes stay doubled; valid until the next record.
    @inline(__always)
    func bytes(_ field: Field) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(
            rebasing: UnsafeRawBufferPointer(buffer).assumingMemoryBound(to: UInt8.self)[field.start..<field.end])
    }

    /// The text of a field; nothing where it is not UTF-8.
    func text(_ field: Field) -> String? {
        guard field.hasDoubledQuotes else { return String(validating: bytes(field), as: UTF8.self) }
        var unquoted: [UInt8] = []
        var isSecond = false
        for byte in bytes(field) {
            isSecond = byte == Self.quote && !isSecond
            if !isSecond { unquoted.append(byte) }
        }
        return String(validating: unquoted, as: UTF8.self)
    }

    static let quote = UInt8(ascii: "\""), comma = UInt8(ascii: ",")
    static let lineFeed = UInt8(ascii: "\n"), carriageReturn = UInt8(ascii: "\r")

    /// Decides what separates fields: a comma, if the first line has one outside of quotes, or else its first semicolon or tab.
    private mutating func findSeparator() throws {
        while true {
            var isQuoted = false, isWhole = isAtEndOfFile, other: UInt8?
            for byte in buffer[position..<end] {
                if byte == Self.quote { isQuoted.toggle() }
                if isQuoted { continue }
                if byte == Self.comma { return }
                if byte == Self.lineFeed || byte == Self.carriageReturn {
                    isWhole = true
                    break
                }
                if byte == CSVSeparator.semicolon.byte || byte == CSVSeparator.tab.byte { other = other ?? byte }
            }
            if isWhole { return separator = other ?? Self.comma }
            try readMore()
        }
    }

    /// Finds the fields of the record at `position`, and returns where the next one starts; nothing where the buffer
    /// ends before the record does.
    private mutating func scanRecord() throws -> Int? {
        fields.removeAll(keepingCapacity: true)
        var cursor = position, lines = 1
        while true {
            let isQuoted = cursor < end && buffer[cursor] == Self.quote
            guard let field = isQuoted ? try scanQuoted(at: &cursor, &lines) : try scanPlain(at: &cursor) else {
                return nil
            }
            fields.append(field)
            if cursor == end {
                // The record may go on in what was not read yet.
                guard isAtEndOfFile else { return nil }
                break
            }
            let byte = buffer[cursor]
            if byte == separator {
                cursor += 1
            } else if byte == Self.lineFeed {
                cursor += 1
                break
            } else {
                // Only a second byte tells CRLF from CR.
                if cursor + 1 == end && !isAtEndOfFile { return nil }
                cursor += cursor + 1 < end && buffer[cursor + 1] == Self.lineFeed ? 2 : 1
                break
            }
        }
        nextLine = line + lines
        return cursor
    }

    /// A field without quotes, up to a separator, a line's end or the buffer's end.
    @inline(__always)
    private func scanPlain(at cursor: inout Int) throws -> Field? {
        var field = Field(start: cursor, end: cursor)
        let highest = max(separator, Self.quote)
        while cursor < end {
            let byte = buffer[cursor]
            // Everything that a number is made of but the plus sign is above the comma.
            if byte <= highest {
                if byte == separator || byte == Self.lineFeed || byte == Self.carriageReturn { break }
                if byte == Self.quote {
                    throw EspalierError(
                        "a quote inside a field that does not start with one", at: place(field: fields.count),
                        expected: "quotes around the whole field", fix: "\"5\"\" pipe\" is the text 5\" pipe")
                }
            }
            cursor += 1
        }
        field.end = cursor
        trim(&field)
        return field
    }

    @inline(__always)
    func trim(_ field: inout Field) {
        while field.start < field.end, Self.isSpace(buffer[field.start]) { field.start += 1 }
        while field.start < field.end, Self.isSpace(buffer[field.end - 1]) { field.end -= 1 }
    }

    /// A field in quotes, up to what follows the closing one; nothing where the buffer ends before that is known.
    private func scanQuoted(at cursor: inout Int, _ lines: inout Int) throws -> Field? {
        var field = Field(start: cursor + 1, end: cursor + 1, isQuoted: true)
        cursor += 1
        let openingLine = line + lines - 1
        while true {
            guard cursor < end else {
                guard isAtEndOfFile else { return nil }
                throw unterminatedQuote(field: fields.count, line: openingLine)
            }
            let byte = buffer[cursor]
            if byte == Self.quote {
                if cursor + 1 == end && !isAtEndOfFile { return nil }
                guard cursor + 1 < end, buffer[cursor + 1] == Self.quote else { break }
                field.hasDoubledQuotes = true
                cursor += 1
            } else if byte == Self.lineFeed || (byte == Self.carriageReturn && !isFollowedByLineFeed(cursor)) {
                lines += 1
            }
            cursor += 1
        }
        field.end = cursor
        cursor += 1
        if cursor < end, ![separator, Self.lineFeed, Self.carriageReturn].contains(buffer[cursor]) {
            throw EspalierError(
                "text after the closing quote", at: place(field: fields.count),
                expected: "\(separator == Self.comma ? "a comma" : "a separator") or the end of the line",
                fix: "write a quote inside quotes twice")
        }
        return field
    }

    private func isFollowedByLineFeed(_ cursor: Int) -> Bool {
        cursor + 1 < end && buffer[cursor + 1] == Self.lineFeed
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    private func place(field: Int) -> String { "\(file.path):\(line), column \(field + 1)" }

    private func unterminatedQuote(field: Int, line: Int) -> EspalierError {
        EspalierError(
            "a quote is opened and never closed", at: "\(file.path):\(line), column \(field + 1)",
            expected: "a closing quote before the end of the file",
            fix: "close it, or double it if it is part of the text")
    }

    /// Makes room in the buffer behind what is not used up yet, and fills it.
    private mutating func readMore() throws {
        if position > 0 {
            let rest = UnsafeRawBufferPointer(rebasing: buffer[position..<end])
            UnsafeMutableRawBufferPointer(rebasing: buffer[..<rest.count]).copyMemory(from: rest)
            bytesBefore += position
            end = rest.count
            position = 0
        } else if end == buffer.count {
            try grow()
        }
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer[end...])
        let count = try file.read(into: room)
        end += count
        isAtEndOfFile = count < room.count
    }

    private mutating func grow() throws {
        guard buffer.count < Self.longestRecord else {
            throw EspalierError(
                "a row of more than \(Self.longestRecord >> 20) MiB", at: "\(file.path):\(line)",
                expected: "shorter rows", fix: "look for a quote that is opened and never closed")
        }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 1)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[..<end]))
        buffer.deallocate()
        buffer = larger
    }

    private mutating func skipByteOrderMark() throws {
        let start = Array(buffer[..<min(3, end)])
        if start == [0xEF, 0xBB, 0xBF] {
            position = 3
        } else if start.prefix(2) == [0xFF, 0xFE] || start.prefix(2) == [0xFE, 0xFF] {
            throw EspalierError(
                "the file is UTF-16", at: file.path, expected: "UTF-8",
                fix: "iconv -f UTF-16 -t UTF-8 \(file.path) > converted.csv")
        }
    }
}
