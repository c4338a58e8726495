/// A decimal number as it is written: (-1)^sign * mantissa * 10^exponent.
///
/// Most numbers of a table have few digits, and for those one exact multiplication or division gives the nearest binary
/// number (Clinger 1990, "How to read floating point numbers accurately"). The others go to the standard library.
struct DecimalNumber {
    private let text: UnsafeBufferPointer<UInt8>
    private var isNegative = false
    private var mantissa: UInt64 = 0
    private var exponent = 0
    /// Whether the mantissa holds every digit.
    private var isComplete = true

    /// Reads `[+-] digits [. digits] [(e|E) [+-] digits]` with a digit on at least one side of the point; nothing where
    /// the text is anything else.
    init?(_ text: UnsafeBufferPointer<UInt8>) {
        self.text = text
        var position = 0
        isNegative = text.first == UInt8(ascii: "-")
        if isNegative || text.first == UInt8(ascii: "+") { position = 1 }
        let firstDigit = position
        readDigits(at: &position)
        var digits = position - firstDigit
        if position < text.count, text[position] == UInt8(ascii: ".") {
            position += 1
            let firstDecimal = position
            readDigits(at: &position)
            digits += position - firstDecimal
            exponent = firstDecimal - position
        }
        guard digits > 0 else { return nil }
        if position < text.count, text[position] | 0x20 == UInt8(ascii: "e") {
            guard readExponent(at: &position) else { return nil }
        }
        guard position == text.count else { return nil }
    }

    @inline(__always)
    private mutating func readDigits(at position: inout Int) {
        while position < text.count {
            let digit = text[position] &- UInt8(ascii: "0")
            guard digit < 10 else { return }
            if mantissa < 1_000_000_000_000_000_000 {
                mantissa = mantissa &* 10 &+ UInt64(digit)
            } else {
                isComplete = false
            }
            position += 1
        }
    }

    private mutating func readExponent(at position: inout Int) -> Bool {
        position += 1
        guard position < text.count else { return false }
        let sign = text[position]
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { position += 1 }
        let firstDigit = position
        var value = 0
        while position < text.count, case let digit = text[position] &- UInt8(ascii: "0"), digit < 10 {
            // Past that it is zero or infinite whatever follows.
            if value < 1_000_000 { value = value * 10 + Int(digit) }
            position += 1
        }
        exponent += sign == UInt8(ascii: "-") ? -value : value
        return position > firstDigit
    }

    /// The nearest 64-bit number; infinite where the number is too large for one.
    var double: Double {
        exactDouble ?? Double(String(decoding: text, as: UTF8.self)) ?? .nan
    }

    /// The nearest 32-bit number; infinite where the number is too large for one.
    var float: Float {
        if let value = exactDouble {
            // Rounding to 53 bits and then to 24 is wrong only where the first lands midway between two 32-bit numbers,
            // which for subnormal and overflowing ones is another place.
            let isMidway = value.bitPattern & 0x1FFF_FFFF == 0x1000_0000
            let isNormal = value.magnitude >= 0x1p-126 && value.magnitude <= 0x1.fffffep127
            if value == 0 || (isNormal && !isMidway) { return Float(value) }
        }
        return Float(String(decoding: text, as: UTF8.self)) ?? .nan
    }

    /// The nearest 64-bit number, where one exact operation gives it.
    private var exactDouble: Double? {
        guard isComplete, mantissa <= 1 << 53, exponent.magnitude < Self.powersOfTen.count else { return nil }
        let magnitude =
            exponent < 0
            ? Double(mantissa) / Self.powersOfTen[-exponent] : Double(mantissa) * Self.powersOfTen[exponent]
        return isNegative ? -magnitude : magnitude
    }

    /// The powers of ten that a 64-bit number holds exactly.
    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
