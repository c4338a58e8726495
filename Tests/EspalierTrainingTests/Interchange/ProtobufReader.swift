/// A message of Protocol Buffers taken apart again, for tests of what writes them.
struct ProtobufReader {
    enum Value: Equatable {
        case integer(Int)
        case fixed(UInt64)
        case data([UInt8])
    }

    private(set) var fields: [(number: Int, value: Value)] = []

    /// Nothing where the bytes are no whole message.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        func variable() -> UInt64? {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 7) {
                guard let byte = rest.popFirst() else { return nil }
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return value }
            }
            return nil
        }
        func fixed(_ width: Int) -> UInt64? {
            guard rest.count >= width else { return nil }
            defer { rest = rest.dropFirst(width) }
            return rest.prefix(width).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        while !rest.isEmpty {
            guard let key = variable() else { return nil }
            let value: Value
            switch key & 7 {
            case 0:
                guard let number = variable() else { return nil }
                value = .integer(Int(truncatingIfNeeded: number))
            case 1, 5:
                guard let bits = fixed(key & 7 == 1 ? 8 : 4) else { return nil }
                value = .fixed(bits)
            case 2:
                guard let length = variable(), length <= rest.count else { return nil }
                value = .data(Array(rest.prefix(Int(length))))
                rest = rest.dropFirst(Int(length))
            default: return nil
            }
            fields.append((Int(key >> 3), value))
        }
    }

    func integers(_ field: Int) -> [Int] {
        fields.compactMap { if $0.number == field, case .integer(let value) = $0.value { value } else { nil } }
    }

    func fixed(_ field: Int) -> [UInt64] {
        fields.compactMap { if $0.number == field, case .fixed(let value) = $0.value { value } else { nil } }
    }

    func data(_ field: Int) -> [[UInt8]] {
        fields.compactMap { if $0.number == field, case .data(let value) = $0.value { value } else { nil } }
    }

    func texts(_ field: Int) -> [String] { data(field).map { String(decoding: $0, as: UTF8.self) } }

    func messages(_ field: Int) -> [ProtobufReader] { data(field).compactMap(ProtobufReader.init) }
}
