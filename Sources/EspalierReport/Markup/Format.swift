import Foundation

/// Numbers as people read them: three significant digits, grouped thousands, powers of ten with superscripts.
enum Format {
    /// How the values of a plot are written.
    enum Style: Sendable {
        case number
        /// A share of one, written in percent.
        case percent
        case seconds

        func callAsFunction(_ value: Double) -> String {
            switch self {
            case .number: Format.number(value)
            case .percent: Format.percent(value)
            case .seconds: Format.duration(value)
            }
        }
    }

    /// `0.0213`, `1,240`, `2.1×10⁻⁵`.
    static func number(_ value: Double, digits: Int = 3) -> String {
        guard value.isFinite else { return nonFinite(value) }
        guard value != 0 else { return "0" }
        let magnitude = Int(floor(log10(abs(value))))
        if magnitude < -4 || magnitude > 6 {
            let scaled = String(format: "%.\(digits - 1)e", value)
            let parts = scaled.split(separator: "e")
            guard parts.count == 2, let exponent = Int(parts[1]) else { return scaled }
            let mantissa = trimmed(String(parts[0]))
            return mantissa == "1" ? "10\(superscript(exponent))" : "\(mantissa)×10\(superscript(exponent))"
        }
        let decimals = max(0, digits - 1 - magnitude)
        let text = String(format: "%.\(decimals)f", value)
        return decimals == 0 ? grouped(text) : trimmed(text)
    }

    /// `97.8%`.
    static func percent(_ value: Double) -> String {
        value.isFinite ? String(format: "%.1f%%", value * 100) : nonFinite(value)
    }

    /// `9,610`.
    static func count(_ value: Int) -> String { grouped(String(value)) }

    /// `1 epoch`, `24 epochs`.
    static func count(_ value: Int, _ noun: String) -> String { "\(count(value)) \(noun)\(value == 1 ? "" : "s")" }

    /// `8.3 ms`, `4.21 s`, `3 min 20 s`, `2 h 5 min`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite else { return nonFinite(seconds) }
        guard abs(seconds) < 1e12 else { return "\(number(seconds)) s" }
        let whole = Int(seconds.rounded())
        switch seconds {
        case ..<1 where seconds > 0: return "\(number(seconds * 1000)) ms"
        case ..<60: return "\(number(seconds)) s"
        case ..<3600: return "\(whole / 60) min \(whole % 60) s"
        default: return "\(count(whole / 3600)) h \(whole % 3600 / 60) min"
        }
    }

    /// `86.4 MB`; units are powers of 1000.
    static func bytes(_ value: Int) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        let power = value < 1000 ? 0 : min(Int(log10(Double(value)) / 3), units.count - 1)
        return "\(number(Double(value) / pow(1000, Double(power)))) \(units[power])"
    }

    /// `31.4 GB/s` of 3.14e10 and `B/s`; prefixes are powers of 1000.
    static func scaled(_ value: Double, _ unit: String) -> String {
        guard value.isFinite, value >= 1000 else { return "\(number(value)) \(unit)" }
        let prefixes = ["", "k", "M", "G", "T", "P"]
        let power = min(Int(log10(value) / 3), prefixes.count - 1)
        return "\(number(value / pow(1000, Double(power)))) \(prefixes[power])\(unit)"
    }

    /// `12.3 µs`, `4,210 µs`: in one unit, so that a column can be compared.
    static func microseconds(_ seconds: Double) -> String { "\(number(seconds * 1e6)) µs" }

    /// The labels of an axis; linear ticks get the decimals that their step needs.
    static func ticks(_ values: [Double], style: Style, kind: Scale.Kind) -> [String] {
        let factor = style == .percent ? 100.0 : 1
        let suffix = style == .percent ? "%" : style == .seconds ? " s" : ""
        let largest = values.map(abs).max() ?? 0
        guard kind == .linear, values.count > 1, largest < 1e7, largest == 0 || largest >= 1e-4 else {
            return values.map { number($0 * factor) + suffix }
        }
        let step = (values[1] - values[0]) * factor
        let decimals = max(0, -Int(floor(log10(step) + 1e-9)))
        return values.map { grouped(String(format: "%.\(decimals)f", $0 * factor)) + suffix }
    }

    /// `2026-11-21 01:02:03 UTC` of an ISO 8601 time; another text is returned as it is.
    static func time(_ text: String) -> String {
        guard text.hasSuffix("Z"), text.count >= 20, text.dropFirst(10).first == "T" else { return text }
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC"
    }

    /// For machines: `0.021345`, `1.2e-07`.
    static func plain(_ value: Double, digits: Int) -> String { String(format: "%.\(digits)g", value) }

    private static func nonFinite(_ value: Double) -> String {
        value.isNaN ? "NaN" : value > 0 ? "∞" : "−∞"
    }

    private static func trimmed(_ text: String) -> String {
        guard text.contains(".") else { return minus(text) }
        var text = text
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return minus(text)
    }

    private static func grouped(_ text: String) -> String {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let digits = parts[0].drop { $0 == "-" }
        var whole = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { whole += "," }
            whole.append(digit)
        }
        let sign = text.hasPrefix("-") ? "−" : ""
        return sign + whole + (parts.count > 1 ? ".\(parts[1])" : "")
    }

    private static func minus(_ text: String) -> String {
        text.hasPrefix("-") ? "−\(text.dropFirst())" : text
    }

    private static func superscript(_ value: Int) -> String {
        let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
        return (value < 0 ? "⁻" : "") + String(String(abs(value)).compactMap { $0.wholeNumberValue.map { digits[$0] } })
    }
}
