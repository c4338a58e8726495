/// A decimal number as it is written: (-1)^sign * mantissa * 10^exponent, rounded once to what is asked for.
///
/// One operation with an exact power of ten gives the nearest 64-bit number for most (Clinger 1990, "How to read
/// floating point numbers accurately"). A 32-bit number needs less: it is known as soon as an approximation in 64 bits is
/// further from the middle between two neighbours than its error. What is left, some one in 30 million, goes to the
/// standard library.
struct DecimalNumber {
    private let start: UnsafePointer<UInt8>
    private var length = 0
    private var isNegative = false
    /// The first 19 digits at most.
    private var mantissa: UInt64 = 0
    private var exponent = 0
    /// Whether the mantissa holds every digit but zeros at the end.
    private var isComplete = true

    /// Reads `[+-] digits [. digits] [(e|E) [+-] digits]`, with a digit on at least one side of the point, as far as it
    /// goes; nothing where there is none.
    ///
    /// - Parameters:
    ///   - cursor: Where it begins; where it ends, if there is one.
    ///   - end: Where the bytes end that may be looked at.
    @inline(__always)
    init?(at cursor: inout UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>) {
        start = cursor
        var next = cursor
        guard next < end else { return nil }
        isNegative = next.pointee == UInt8(ascii: "-")
        if isNegative || next.pointee == UInt8(ascii: "+") { next += 1 }
        let firstDigit = next
        readDigits(at: &next, before: end)
        var digits = next - firstDigit
        if next < end, next.pointee == UInt8(ascii: ".") {
            next += 1
            let firstDecimal = next
            readDigits(at: &next, before: end)
            digits += next - firstDecimal
            exponent = firstDecimal - next
        }
        guard digits > 0 else { return nil }
        // So many may have overflowed.
        if digits > 19 { readManyDigits(from: firstDigit, to: next) }
        if next < end, next.pointee | 0x20 == UInt8(ascii: "e") {
            guard readExponent(at: &next, before: end) else { return nil }
        }
        length = next - start
        cursor = next
    }

    /// Reads a text that is a number and nothing else.
    init?(_ text: UnsafeBufferPointer<UInt8>) {
        guard var cursor = text.baseAddress else { return nil }
        let end = cursor + text.count
        self.init(at: &cursor, before: end)
        guard cursor == end else { return nil }
    }

    /// Eight digits at a time: how many of the next eight bytes are digits is one count of zeros, and their value three
    /// multiplications, however many they are.
    @inline(__always)
    private mutating func readDigits(at next: inout UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>) {
        while end - next >= 8 {
            let bytes = UInt64(littleEndian: UnsafeRawPointer(next).loadUnaligned(as: UInt64.self))
            let digits = bytes ^ 0x3030_3030_3030_3030
            // The highest bit of each byte that is no digit; bytes behind the first such may be wrong.
            let others = (digits | (digits &+ 0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080
            let count = others.trailingZeroBitCount >> 3
            if count == 0 { return }
            // Zeros in front of the digits, which come in their order from the lowest byte on.
            var value = digits &<< UInt64(64 - 8 * count)
            value = value &* 10 &+ value &>> 8
            value =
                ((value & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
                    &+ (value &>> 16 & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001) &>> 32
            mantissa = mantissa &* Self.smallPower(count) &+ value
            next += count
            if count < 8 { return }
        }
        while next < end, case let digit = next.pointee &- UInt8(ascii: "0"), digit < 10 {
            mantissa = mantissa &* 10 &+ UInt64(digit)
            next += 1
        }
    }

    /// 10^count for a count of at most 8, without a look into memory.
    @inline(__always)
    private static func smallPower(_ count: Int) -> UInt64 {
        let pair: UInt64 = count & 1 == 0 ? 1 : 10
        let four: UInt64 = count & 2 == 0 ? 1 : 100
        let eight: UInt64 = count & 4 == 0 ? 1 : 10_000
        return count == 8 ? 100_000_000 : pair &* four &* eight
    }

    @inline(never)
    private mutating func readManyDigits(from first: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>) {
        mantissa = 0
        for byte in UnsafeBufferPointer(start: first, count: end - first) where byte != UInt8(ascii: ".") {
            let digit = byte &- UInt8(ascii: "0")
            if mantissa < 1_000_000_000_000_000_000 {
                mantissa = mantissa * 10 + UInt64(digit)
            } else {
                exponent += 1
                if digit != 0 { isComplete = false }
            }
        }
    }

    @inline(never)
    private mutating func readExponent(
        at next: inout UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>
    ) -> Bool {
        next += 1
        guard next < end else { return false }
        let sign = next.pointee
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { next += 1 }
        let firstDigit = next
        var value = 0
        while next < end, case let digit = next.pointee &- UInt8(ascii: "0"), digit < 10 {
            // Past that it is zero or infinite, unless as many digits make up for it; the standard library tells.
            if value < 1_000_000_000 { value = value * 10 + Int(digit) }
            next += 1
        }
        exponent += sign == UInt8(ascii: "-") ? -value : value
        return next > firstDigit
    }

    private var text: String { String(decoding: UnsafeBufferPointer(start: start, count: length), as: UTF8.self) }

    /// The nearest 64-bit number; infinite where the number is too large for one.
    var double: Double {
        guard isComplete, mantissa <= 1 << 53, exponent.magnitude <= 22 else { return Double(text) ?? .nan }
        return isNegative ? -scaled : scaled
    }

    /// The nearest 32-bit number; infinite where the number is too large for one.
    @inline(__always)
    var float: Float {
        // A conversion of a whole number rounds once.
        if (exponent == 0 || mantissa == 0) && isComplete { return isNegative ? -Float(mantissa) : Float(mantissa) }
        if exponent.magnitude <= 44 {
            let magnitude = scaled
            // At most four roundings and digits that were left out, each less than a unit in the last place of 64 bits,
            // may have moved it by less than eight of those; the middle between two 32-bit numbers is 2^28 of them from
            // either.
            let isCertain = (magnitude.bitPattern & 0x1FFF_FFFF) &- (0x1000_0000 - 8) > 16
            if isCertain && magnitude >= 0x1p-126 && magnitude <= 0x1.fffffep127 {
                return isNegative ? -Float(magnitude) : Float(magnitude)
            }
        }
        return exactFloat
    }

    @inline(never)
    private var exactFloat: Float { Float(text) ?? .nan }

    /// mantissa * 10^exponent, rounded once where the mantissa has at most 53 bits and the exponent is at most 22 in size.
    @inline(__always)
    private var scaled: Double {
        let value = Double(mantissa)
        let first = min(exponent.magnitude, 22)
        var power = Self.powersOfTen[Int(first)]
        if exponent.magnitude > 22 {
            power *= Self.powersOfTen[Int(min(exponent.magnitude - 22, 22))]
        }
        return exponent < 0 ? value / power : value * power
    }

    /// The powers of ten that a 64-bit number holds exactly.
    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
