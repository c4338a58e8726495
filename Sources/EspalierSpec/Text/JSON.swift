/// Values as JSON text and back, with the keys in their order.
///
/// JSON knows no number that is not finite. They are written as the texts `"NaN"`, `"Infinity"` and `"-Infinity"`, and
/// come back as texts; `ConfigurationValue.doubleValue` reads those three as the numbers that they stand for.
public enum JSON {
    /// The value on one line, or over several with two spaces a level.
    public static func write(_ value: ConfigurationValue, pretty: Bool = false) -> String {
        var text = ""
        write(value, to: &text, margin: pretty ? "\n" : nil)
        return text
    }

    /// - Parameter margin: The line break and the spaces before a line at this level; nothing for the form on one line.
    private static func write(_ value: ConfigurationValue, to text: inout String, margin: String?) {
        switch value {
        case .null: text += "null"
        case .boolean(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value) where value.isFinite: text += value.description
        case .number(let value): text += value.isNaN ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\""
        case .string(let value): quote(value, to: &text)
        case .list(let items):
            // A list of plain values is a row of numbers more often than not, and reads best as one.
            let inner = items.allSatisfy(\.isLeaf) ? nil : margin.map { $0 + "  " }
            text += "["
            for (index, item) in items.enumerated() {
                if index > 0 { text += inner == nil && margin != nil ? ", " : "," }
                text += inner ?? ""
                write(item, to: &text, margin: inner)
            }
            text += inner == nil ? "]" : (margin ?? "") + "]"
        case .map(let entries):
            let inner = margin.map { $0 + "  " }
            text += "{"
            for (index, entry) in entries.enumerated() {
                if index > 0 { text += "," }
                text += inner ?? ""
                quote(entry.key, to: &text)
                text += inner == nil ? ":" : ": "
                write(entry.value, to: &text, margin: inner)
            }
            text += entries.isEmpty ? "}" : (margin ?? "") + "}"
        }
    }

    private static func quote(_ value: String, to text: inout String) {
        text += "\""
        if value.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            text += value
        } else {
            for scalar in value.unicodeScalars {
                switch scalar {
                case "\"": text += "\\\""
                case "\\": text += "\\\\"
                case "\n": text += "\\n"
                case "\r": text += "\\r"
                case "\t": text += "\\t"
                case "\0"..."\u{1F}": text += (scalar.value < 16 ? "\\u000" : "\\u00") + String(scalar.value, radix: 16)
                default: text.unicodeScalars.append(scalar)
                }
            }
        }
        text += "\""
    }
}

extension ConfigurationValue {
    /// The number, where this is one, or one of the texts that stand in JSON for those that are not finite.
    public var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .string("NaN"): .nan
        case .string("Infinity"): .infinity
        case .string("-Infinity"): -.infinity
        default: nil
        }
    }

    fileprivate var isLeaf: Bool {
        switch self {
        case .list, .map: false
        default: true
        }
    }
}
