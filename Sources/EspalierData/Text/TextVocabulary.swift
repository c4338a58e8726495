import EspalierSpec

/// The symbols of a text, and the number of each.
enum TextVocabulary: Equatable {
    /// All 256 values of a byte, each its own number.
    case bytes
    /// Unicode scalars in the order of their numbers.
    case characters([Unicode.Scalar])

    /// How many symbols there are.
    var count: Int { if case .characters(let scalars) = self { scalars.count } else { 256 } }

    /// One name for each symbol, which prints on one line: `a`, `\n`, `\u{7F}`, and for bytes beyond ASCII `\xE9`.
    var names: [String] {
        switch self {
        case .characters(let scalars): scalars.map { $0.escaped(asASCII: false) }
        case .bytes:
            (0...255).map { byte in
                let hexadecimal = String(byte, radix: 16, uppercase: true)
                return (0x20...0x7E).contains(byte)
                    ? Unicode.Scalar(UInt8(byte)).escaped(asASCII: true)
                    : "\\x" + (hexadecimal.count == 1 ? "0" : "") + hexadecimal
            }
        }
    }

    /// The characters that occur in `text`, in the order of their code points.
    static func characters(in text: String) -> TextVocabulary {
        var occurs = [Bool](repeating: false, count: scalarLimit)
        for scalar in text.unicodeScalars { occurs[Int(scalar.value)] = true }
        return .characters(occurs.indices.compactMap { occurs[$0] ? Unicode.Scalar(UInt32($0)) : nil })
    }

    /// The number of every symbol of a file's contents.
    ///
    /// - Throws: `EspalierError` with line and column of a byte that is not UTF-8, or of a character that is no symbol.
    func numbers(in contents: TextContents, file: String) throws -> [Int32] {
        switch (self, contents) {
        case (.bytes, .bytes(let bytes)): return bytes.map { Int32($0) }
        case (.bytes, .text(let text)): return text.utf8.map { Int32($0) }
        case (.characters, .bytes(let bytes)):
            return try numbers(in: .text(try SystemFile.text(bytes, file: file)), file: file)
        case (.characters(let scalars), .text(let text)):
            // A table over all code points takes a few megabytes, and no search for each character.
            var table = [Int32](repeating: -1, count: Self.scalarLimit)
            for (number, scalar) in scalars.enumerated() { table[Int(scalar.value)] = Int32(number) }
            let numbers = text.unicodeScalars.map { table[Int($0.value)] }
            if let position = numbers.firstIndex(of: -1) { throw Self.unknown(at: position, in: text, file) }
            return numbers
        }
    }

    private static let scalarLimit = 0x110000

    private static func unknown(at position: Int, in text: String, _ file: String) -> EspalierError {
        let before = text.unicodeScalars.prefix(position)
        let line = before.count { $0 == "\n" } + 1
        let column = before.reversed().prefix { $0 != "\n" }.count + 1
        let scalar = text.unicodeScalars.dropFirst(position).first?.escaped(asASCII: false) ?? ""
        return EspalierError(
            "the character \(scalar.debugDescription) is not in the vocabulary",
            at: SourceLocation(file: file, line: line, column: column).description,
            expected: "the characters that the model was made for",
            fix: "replace it, or train with a vocabulary that has it (vocabulary: null takes the text's own)")
    }
}

/// What is in a file of text.
enum TextContents {
    case bytes([UInt8])
    case text(String)
}
