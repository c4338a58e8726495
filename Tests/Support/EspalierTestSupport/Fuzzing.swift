import Foundation

/// What tests of readers share that try inputs which were damaged at random.
public enum Fuzzing {
    /// How many inputs each of them tries: what `ESPALIER_FUZZ` in the environment says, else so few that all are quick.
    public static let count = ProcessInfo.processInfo.environment["ESPALIER_FUZZ"].flatMap { Int($0) } ?? 3_000
}

extension RandomNumberGenerator {
    /// The bytes with a few of them changed, taken out, doubled or replaced by characters that mean something.
    public mutating func damage(_ bytes: [UInt8], with special: String) -> [UInt8] {
        func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
        var bytes = bytes
        let special = Array(special.utf8)
        for _ in 0...below(4) {
            let place = below(bytes.count + 1)
            switch below(6) {
            case 0 where place < bytes.count: bytes[place] = UInt8(below(256))
            case 1 where place < bytes.count: bytes[place] = special[below(special.count)]
            case 2: bytes.insert(special[below(special.count)], at: place)
            case 3 where place < bytes.count: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(8)))
            case 4:
                bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + below(20))], at: below(bytes.count + 1))
            case 5 where below(8) == 0: bytes.removeSubrange(place...)
            default: break
            }
        }
        return bytes
    }
}
