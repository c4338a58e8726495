/// The texts that stand for a missing value in a table, in upper or lower case; nothing at all always does.
struct MissingMarkers {
    private let texts: [[UInt8]]
    private let longest: Int
    /// Whether one of them could be a number, so that numbers have to be looked at as texts too.
    let haveNumbers: Bool

    init(_ texts: [String]) {
        self.texts = texts.map { $0.utf8.map(Self.lowercased) }
        longest = self.texts.map(\.count).max() ?? 0
        haveNumbers = self.texts.contains { $0.withUnsafeBufferPointer { DecimalNumber($0) != nil } }
    }

    func contains(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        if text.isEmpty { return true }
        guard text.count <= longest else { return false }
        return texts.contains { $0.count == text.count && $0.elementsEqual(text.lazy.map(Self.lowercased)) }
    }

    /// ASCII alone, which is what is usually written.
    private static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}
