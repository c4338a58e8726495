import EspalierGraph
import Testing

@testable import EspalierData

@Suite struct DecimalNumberTests {
    func float(_ text: String) -> Float? { Array(text.utf8).withUnsafeBufferPointer { DecimalNumber($0)?.float } }
    func double(_ text: String) -> Double? { Array(text.utf8).withUnsafeBufferPointer { DecimalNumber($0)?.double } }

    @Test(arguments: [
        "", "+", "-", ".", "e5", "1e", "1e+", "--1", "1.2.3", "1,5", " 1", "1 ", "0x10", "nan", "inf", "-Infinity",
        "1_000",
        "1f", "٣", "1e5.0", "+-1", "1\0",
    ])
    func refusesWhatIsNoDecimalNumber(_ text: String) {
        #expect(float(text) == nil)
    }

    @Test func readsEveryFormOfANumber() {
        #expect(float("0") == 0)
        #expect(float("-0")?.sign == .minus)
        #expect(float("+7") == 7)
        #expect(float(".5") == 0.5)
        #expect(float("5.") == 5)
        #expect(float("-1.25E-2") == -0.0125)
        #expect(float("00012") == 12)
        #expect(float("1e400") == .infinity)
        #expect(float("-1e39") == -.infinity)
        #expect(float("1e-400") == 0)
        #expect(float("0e999999999999999999999") == 0)
        #expect(float("1e99999999999999999999") == .infinity)
        #expect(double("9007199254740993") == 9_007_199_254_740_992)
    }

    /// Decimals where rounding to 64 bits first would give the wrong 32-bit neighbour, and ones at the edges.
    @Test(arguments: [
        "1.00000005960464477539062500000000001", "1.000000059604644775390625", "16777217", "16777219", "33554434.5",
        "3.4028235677973366e38", "3.4028234663852886e38", "1.401298464324817e-45", "7.006492321624085e-46",
        "7.006492321624086e-46", "1.1754943508222875e-38", "0.1", "123456789012345678901234567890", "8388609.5",
        "0.000000000000000000000000000000000000000000001", "8.000001430511474", "2.2250738585072011e-308", "1e23",
        "9007199254740993",
    ])
    func roundsCorrectly(_ text: String) {
        #expect(float(text) == Float(text))
        #expect(double(text) == Double(text))
    }

    /// Decimals that lie in the middle between two 32-bit numbers, or next to it, in as few and in as many digits as can be.
    @Test func roundsMiddlesAndTheirNeighboursLikeTheStandardLibrary() {
        var random = RandomStream(seed: 2, "middles")
        var wrong: [String] = []
        for _ in 0..<300_000 {
            let below = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()) & 0x7F7F_FFFF)
            let middle = (Double(below) + Double(below.nextUp)) / 2
            guard middle.isFinite else { continue }
            let digits = "\([middle, middle.nextUp, middle.nextDown][random.index(below: 3)])"
            let (mantissa, exponent) =
                digits.contains("e")
                ? (digits.prefix { $0 != "e" }, digits.drop { $0 != "e" }) : (digits[...], "")
            for text in [digits, "\(mantissa)000000000\(exponent)", "\(mantissa)00000000000000000000000001\(exponent)"]
            {
                if float(text)?.bitPattern != Float(text)?.bitPattern { wrong.append(text) }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(5))")
    }

    @Test func roundsRandomNumbersLikeTheStandardLibrary() {
        var random = RandomStream(seed: 1, "decimals")
        var wrong: [String] = []
        for _ in 0..<1_000_000 {
            let digits = random.next() >> UInt64(random.index(below: 64))
            let decimals = random.index(below: 12)
            let text: String
            switch random.index(below: 5) {
            case 3: text = "\(digits)\(random.next()).\(random.next())e-\(random.index(below: 70))"
            case 4: text = "0.\(String(repeating: "0", count: decimals))\(digits)e\(random.index(below: 60))"
            case 0: text = "\(Float(bitPattern: UInt32(truncatingIfNeeded: random.next()) & 0xFF7F_FFFF))"
            case 1: text = "-\(digits)e-\(decimals * 3)"
            default: text = "\(digits % 1_000_000).\(random.index(below: 1_000_000))e\(decimals)"
            }
            // The infinite exponent was masked out, so each of these is a number.
            if float(text)?.bitPattern != Float(text)?.bitPattern { wrong.append(text) }
            if double(text)?.bitPattern != Double(text)?.bitPattern { wrong.append(text) }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(5))")
    }
}
