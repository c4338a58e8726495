import EspalierSpec

/// A file of NumPy's format npy, versions 1.0 to 3.0: a header that is a Python dictionary, then the numbers.
enum NumPyFile {
    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    /// - Throws: `EspalierError` at `path` where the file cannot be read, is no npy file, or is damaged.
    static func read(_ path: String) throws -> NumericArray {
        try array(in: try SystemFile.read(path, kind: "npy data"), place: path)
    }

    /// - Parameter place: What the array is called in messages.
    static func array(in bytes: [UInt8], place: String) throws -> NumericArray {
        let (layout, start) = try header(in: bytes, place)
        return try NumericArray(layout, bytes: bytes[start...], place: place)
    }

    /// How the numbers lie and where they begin, out of the first bytes of a file.
    static func header(
        in bytes: [UInt8], _ place: String
    ) throws -> (layout: NumericArray.Layout, start: Int) {
        guard bytes.starts(with: magic), bytes.count >= 10, (1...3).contains(bytes[6]) else {
            throw EspalierError(
                "it is no npy file", at: place,
                expected: "\\x93NUMPY and the version 1, 2 or 3, as numpy.save writes it")
        }
        let width = bytes[6] == 1 ? 2 : 4
        guard bytes.count >= 8 + width else { throw damaged("its header ends early", at: place) }
        let start = 8 + width
        let length = bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= bytes.count - start else {
            throw damaged("its header should have \(length) bytes, and \(bytes.count - start) follow", at: place)
        }
        var header = NumPyHeader(bytes[start..<(start + length)], place: place)
        return (try header.layout(), start + length)
    }

    static func damaged(_ what: String, at place: String) -> EspalierError {
        EspalierError(
            "the npy data is damaged: \(what)", at: place,
            expected: "a header such as {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4)}, then the numbers",
            fix: "write it again with numpy.save")
    }
}

/// Reads the dictionary in front of the numbers.
private struct NumPyHeader {
    private enum Value {
        case text(String)
        case flag(Bool)
        case sizes([Int])
    }

    private var rest: ArraySlice<UInt8>
    private let place: String

    init(_ bytes: ArraySlice<UInt8>, place: String) {
        rest = bytes
        self.place = place
    }

    mutating func layout() throws -> NumericArray.Layout {
        var values: [String: Value] = [:]
        try expect("{")
        while !skip("}") {
            let key = try text()
            try expect(":")
            values[key] = try value(key)
            if !skip(",") {
                try expect("}")
                break
            }
        }
        guard case .text(let type)? = values["descr"], case .flag(let isColumnMajor)? = values["fortran_order"],
            case .sizes(let shape)? = values["shape"]
        else { throw NumPyFile.damaged("descr, fortran_order or shape is missing", at: place) }
        guard let element = Self.elements[String(type.dropFirst())], let order = type.first, "<>|=".contains(order)
        else { throw unsupported(type) }
        return NumericArray.Layout(
            element: element, shape: shape, isBigEndian: order == ">", isColumnMajor: isColumnMajor)
    }

    private static let elements: [String: NumericArray.Element] = [
        "b1": .bool, "i1": .int8, "u1": .uint8, "i2": .int16, "u2": .uint16, "i4": .int32, "u4": .uint32,
        "i8": .int64, "u8": .uint64, "f4": .float32, "f8": .float64,
    ]

    private func unsupported(_ type: String) -> EspalierError {
        EspalierError(
            "its numbers are of the type \(type)", at: place,
            expected: "one of \(NumericArray.Element.allCases.map(\.rawValue).joined(separator: ", "))",
            fix: "array.astype(numpy.float32) before saving")
    }

    // MARK: Parts of the dictionary

    private mutating func value(_ key: String) throws -> Value {
        skipSpaces()
        switch rest.first {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "("): return .sizes(try sizes())
        case UInt8(ascii: "["): throw unsupported("record (a structured array)")
        default:
            for (word, flag) in [("True", true), ("False", false)] where rest.starts(with: word.utf8) {
                rest = rest.dropFirst(word.utf8.count)
                return .flag(flag)
            }
            throw NumPyFile.damaged("its header is malformed at \(key.debugDescription)", at: place)
        }
    }

    private mutating func text() throws -> String {
        skipSpaces()
        guard let quote = rest.popFirst(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\""),
            let end = rest.firstIndex(of: quote)
        else { throw NumPyFile.damaged("its header lacks a text in quotes", at: place) }
        defer { rest = rest[(end + 1)...] }
        return String(decoding: rest[..<end], as: UTF8.self)
    }

    private mutating func sizes() throws -> [Int] {
        var sizes: [Int] = []
        try expect("(")
        while !skip(")") {
            skipSpaces()
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard let size = Int(String(decoding: digits, as: UTF8.self)) else {
                throw NumPyFile.damaged("a size of its shape is no whole number", at: place)
            }
            sizes.append(size)
            rest = rest.dropFirst(digits.count)
            // Written so by Python 2.
            _ = skip("L")
            if !skip(",") {
                try expect(")")
                break
            }
        }
        return sizes
    }

    private mutating func skipSpaces() { rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") } }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        skipSpaces()
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws {
        guard skip(character) else {
            throw NumPyFile.damaged("its header lacks a \(String(character).debugDescription)", at: place)
        }
    }
}
