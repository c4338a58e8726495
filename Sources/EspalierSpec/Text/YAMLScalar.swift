/// What a plain scalar of YAML stands for, and how a value is written so that it is read back as itself.
package enum YAMLScalar {
    /// The value of a plain scalar under the core schema of YAML 1.2.
    ///
    /// - Throws: `EspalierError` for a number that no `Double` can hold.
    package static func resolve(_ text: String) throws -> ConfigurationNode.Content {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .boolean(true)
        case "false", "False", "FALSE": return .boolean(false)
        case ".nan", ".NaN", ".NAN": return .number(.nan)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .number(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
        default: break
        }
        if text.hasPrefix("0x"), let value = Int(text.dropFirst(2), radix: 16) { return .integer(value) }
        if text.hasPrefix("0o"), let value = Int(text.dropFirst(2), radix: 8) { return .integer(value) }
        guard isDecimal(text) else { return .string(text) }
        if let value = Int(text) { return .integer(value) }
        let mantissa = text.prefix { !"eE".contains($0) }
        guard let value = Double(text), value.isFinite, value != 0 || !mantissa.contains(where: nonZero)
        else {
            throw EspalierError(
                "\(text) is out of range", expected: "a number between about 1e-308 and 1e308, or .inf",
                fix: "quote it if it is meant as text")
        }
        return .number(value)
    }

    /// Whether `text` is `[-+]?(digits[.digits]|.digits)([eE][-+]?digits)?`.
    private static func isDecimal(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func skip(_ accepted: String) -> Bool {
            guard let first = rest.first, accepted.utf8.contains(first) else { return false }
            rest.removeFirst()
            return true
        }
        func skipDigits() -> Bool {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest.removeFirst(digits.count)
            return !digits.isEmpty
        }
        _ = skip("+-")
        let whole = skipDigits()
        let fraction = skip(".") && skipDigits()
        guard whole || fraction else { return false }
        if skip("eE") {
            _ = skip("+-")
            guard skipDigits() else { return false }
        }
        return rest.isEmpty
    }

    private static func nonZero(_ character: Character) -> Bool { "123456789".contains(character) }

    /// The number with the fewest digits that reads back to the same `Double`, as YAML 1.1 and 1.2 both read it.
    static func write(_ value: Double) -> String {
        if value.isNaN { return ".nan" }
        if value.isInfinite { return value < 0 ? "-.inf" : ".inf" }
        let text = value.description
        guard !text.contains("."), let exponent = text.firstIndex(of: "e") else { return text }
        return text[..<exponent] + ".0" + text[exponent...]
    }

    /// The text as a plain scalar where every reader takes it for text, else between double quotes.
    static func write(_ value: String) -> String {
        isPlain(value) && !isTakenForSomethingElse(value) ? value : quote(value)
    }

    /// The text as the key of a map: names are never taken for anything else.
    static func writeKey(_ key: String) -> String { isPlain(key) ? key : quote(key) }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
        return (first.properties.isAlphabetic || "_/.0123456789".unicodeScalars.contains(first)) && last != " "
            && text.unicodeScalars.allSatisfy {
                $0.properties.isAlphabetic || "_/.-+ 0123456789".unicodeScalars.contains($0)
            }
    }

    /// Whether a reader of YAML 1.1 or 1.2 resolves the plain `text` to anything but text.
    private static func isTakenForSomethingElse(_ text: String) -> Bool {
        guard case .string? = try? resolve(text) else { return true }
        // Numbers with underscores, dates and times are all digits and signs, other bases begin with a zero.
        return ["yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
            || !text.contains(where: \.isLetter) || text.hasPrefix("0")
    }

    private static func quote(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case " "..."~": quoted.unicodeScalars.append(scalar)
            case _ where scalar.properties.isAlphabetic: quoted.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                let width = scalar.value <= 0xFFFF ? 4 : 8
                quoted += (width == 4 ? "\\u" : "\\U") + String(repeating: "0", count: width - digits.count) + digits
            }
        }
        return quoted + "\""
    }
}
