import EspalierSpec

/// The categories of a column, each with a number: in the order in which they were met, or as the configuration lists them.
struct CSVCategories {
    /// By their numbers.
    private(set) var names: [String]
    /// Whether the list is complete.
    let isFixed: Bool
    private var codes: [String: Int]
    /// The text and number that were met last: rows often come in runs.
    private var last: (bytes: [UInt8], code: Int) = ([], -1)

    init(_ names: [String]? = nil) {
        self.names = names ?? []
        isFixed = names != nil
        codes = Dictionary((names ?? []).enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The number of the category that is written in `field`, added if the list is not complete; nothing for another one.
    ///
    /// - Throws: `EspalierError`, without a place, for text that is not UTF-8.
    mutating func code(_ field: CSVReader.Field, _ reader: borrowing CSVReader) throws -> Int? {
        if last.code >= 0, !field.hasDoubledQuotes, reader.bytes(field).elementsEqual(last.bytes) { return last.code }
        guard let text = reader.text(field) else { throw CSVTarget.notUTF8 }
        guard let code = codes[text] ?? add(text) else { return nil }
        if !field.hasDoubledQuotes { last = (Array(reader.bytes(field)), code) }
        return code
    }

    /// The number of the category `text`, added if the list is not complete.
    mutating func code(of text: String) -> Int? { codes[text] ?? add(text) }

    private mutating func add(_ text: String) -> Int? {
        guard !isFixed else { return nil }
        codes[text] = names.count
        names.append(text)
        return names.count - 1
    }

    /// The names as they are written down, and for each number its place among them.
    func sorted() -> (names: [String], places: [Int]) {
        guard !isFixed else { return (names, Array(names.indices)) }
        let sorted = Self.sorted(names)
        let places = Dictionary(uniqueKeysWithValues: zip(sorted, 0...))
        return (sorted, names.compactMap { places[$0] })
    }

    /// By value where all are whole numbers, else by their Unicode scalars: the same on every machine.
    static func sorted(_ names: [String]) -> [String] {
        let numbers = names.compactMap { Int($0) }
        if numbers.count == names.count {
            return zip(numbers, names).sorted { $0 < $1 }.map(\.1)
        }
        return names.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    }
}
