// The quick way through rows that have nothing special about them, which most have not.
extension CSVReader {
    /// What is wanted of a column's fields.
    enum Role {
        /// Nothing.
        case skipped
        /// Their text, which is in `fields` then.
        case text
        /// Their number, which goes to this place of the row; NaN where there is none and that is allowed.
        case number(Int, mayBeEmpty: Bool)
    }

    /// Reads the next record without looking twice at any byte, if it lies in the buffer as a whole, has just these fields,
    /// a finite number wherever one is wanted, and no quotes but around a text on one line.
    ///
    /// - Parameters:
    ///   - roles: One for each column.
    ///   - row: Where numbers go.
    /// - Returns: Whether it did; otherwise `next()` takes the same record with more care.
    mutating func nextPlain(_ roles: [Role], into row: UnsafeMutablePointer<Float>) -> Bool {
        guard fields.count == roles.count, let memory = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
            return false
        }
        let base = UnsafePointer(memory)
        let end = base + self.end
        var cursor = base + position
        let last = roles.count - 1
        for column in 0...last {
            switch roles[column] {
            case .number(let place, let mayBeEmpty):
                while cursor < end, cursor.pointee == Self.space { cursor += 1 }
                if let number = DecimalNumber(at: &cursor, before: end) {
                    let value = number.float
                    guard value.isFinite else { return false }
                    row[place] = value
                } else {
                    // An empty line is no row, whatever may be missing from one.
                    guard mayBeEmpty, last > 0, cursor < end, isSeparator(cursor.pointee) else { return false }
                    row[place] = .nan
                }
            case .skipped:
                guard scanText(at: &cursor, base, end) != nil else { return false }
            case .text:
                guard let field = scanText(at: &cursor, base, end), last > 0 || !field.isEmpty else { return false }
                fields[column] = field
            }
            guard cursor < end else { return false }
            let byte = cursor.pointee
            cursor += 1
            guard column == last else {
                guard byte == separator else { return false }
                continue
            }
            if byte == Self.carriageReturn {
                guard cursor < end, cursor.pointee == Self.lineFeed else { return false }
                cursor += 1
            } else if byte != Self.lineFeed {
                return false
            }
        }
        position = cursor - base
        line = nextLine
        nextLine += 1
        return true
    }

    private static let space = UInt8(ascii: " ")

    @inline(__always)
    private func isSeparator(_ byte: UInt8) -> Bool {
        byte == separator || byte == Self.lineFeed || byte == Self.carriageReturn
    }

    /// A field up to what follows it; nothing where it is not plain.
    @inline(__always)
    private func scanText(
        at cursor: inout UnsafePointer<UInt8>, _ base: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
    ) -> Field? {
        var field = Field(start: cursor - base, end: 0)
        if cursor < end, cursor.pointee == Self.quote {
            cursor += 1
            while cursor < end, cursor.pointee != Self.quote {
                guard cursor.pointee != Self.lineFeed, cursor.pointee != Self.carriageReturn else { return nil }
                cursor += 1
            }
            field = Field(start: field.start + 1, end: cursor - base, isQuoted: true)
            cursor += 1
            return cursor < end && isSeparator(cursor.pointee) ? field : nil
        }
        while cursor < end, !isSeparator(cursor.pointee) {
            if cursor.pointee == Self.quote { return nil }
            cursor += 1
        }
        field.end = cursor - base
        trim(&field)
        return field
    }
}
