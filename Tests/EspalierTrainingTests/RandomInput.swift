import EspalierGraph
import EspalierSpec

/// Random values for tests of readers and writers.
struct RandomInput {
    var stream: RandomStream

    init(_ name: String) { stream = RandomStream(seed: 1, name) }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &stream) }

    mutating func text() -> String {
        let awkward = [
            "", " ", "yes", "No", "on", "off", "null", "~", "true", "False", "1e3", "12", "-1.5", "0x1F", "0o7", ".inf",
            ".NaN", "1_000", "2024-01-01", "1:30", "- a", "a: b", "a #b", "#a", "&a", "*a", "!t", "[a]", "{a}", "<<",
            "=", "a\nb", "\ta", "a ", " a", "'", "\"", "\\", "%a", "@a", "`a", "|", ">", "?", "-", "---", "...",
            "größe", "日本", "👩‍👩‍👧", "\u{0}", "\u{85}", "\u{2028}", "a\u{FEFF}", "\u{FFFF}", "e\u{301}", "data/x.csv",
            "../x", "heNormal", "\r\n", "a,b", "10 20", "x y",
        ]
        if below(3) > 0 { return awkward[below(awkward.count)] }
        if below(50) == 0 { return String(repeating: "long ", count: 300) }
        var text = ""
        for _ in 0..<below(12) {
            let code = UInt32(below(4) > 0 ? below(0x100) : below(0x11_0000))
            if let scalar = Unicode.Scalar(code) { text.unicodeScalars.append(scalar) }
        }
        return text
    }

    mutating func number() -> Double {
        switch below(4) {
        case 0:
            [0.0, -0.0, 1e-8, 1e16, 1e300, 0x1p-1074, .greatestFiniteMagnitude, 0.1, 2, -3, 1e22, 123456789][below(12)]
        case 1: stream.normal()
        default:
            { $0.isFinite ? $0 : 0.5 }(Double(bitPattern: stream.next()))
        }
    }

    mutating func value(depth: Int = 4) -> ConfigurationValue {
        switch below(depth > 0 ? 10 : 6) {
        case 0: return .null
        case 1: return .boolean(below(2) == 0)
        case 2: return .integer([0, 1, -1, 64, .max, .min, Int(truncatingIfNeeded: stream.next())][below(7)])
        case 3, 4: return .number(number())
        case 5: return .string(text())
        case 6, 7: return .list((0..<below(5)).map { _ in value(depth: depth - 1) })
        default:
            var entries: [ConfigurationValue.Entry] = []
            for _ in 0..<below(5) {
                let key = text()
                if !entries.contains(where: { $0.key == key }) {
                    entries.append(.init(key, value(depth: depth - 1)))
                }
            }
            return .map(entries)
        }
    }
}

/// The error that `body` throws, or nothing where it throws none or another.
func error(_ body: () throws -> some Any) -> EspalierError? {
    do {
        _ = try body()
        return nil
    } catch { return error as? EspalierError }
}
