import EspalierSpec
import Testing

@testable import EspalierData

@Suite struct TextSourceTests {
    /// Loads `bytes` as a text.
    static func load(_ bytes: [UInt8], _ source: TextSource) throws -> Dataset {
        let file = try TemporaryFile(bytes, name: "poem.txt")
        var copy = source
        copy.path = file.path
        return try copy.load(relativeTo: "")
    }

    static func load(
        _ text: String, unit: TextSource.Unit = .characters, length: Int, vocabulary: String? = nil
    ) throws -> Dataset {
        try load(Array(text.utf8), TextSource(path: "", unit: unit, length: length, vocabulary: vocabulary))
    }

    @Test func everySymbolIsFollowedByTheNext() throws {
        // Sorted: newline 0, a 1, b 2, c 3, n 4, é 5.
        let dataset = try Self.load("banc\néca", length: 3)
        #expect(dataset.name == "poem" && dataset.sampleShape == [3] && dataset.count == 2)
        #expect(dataset.inputs == [2, 1, 4, 3, 0, 5])
        #expect(dataset.targets == .classes([1, 4, 3, 0, 5, 3], names: ["\\n", "a", "b", "c", "n", "é"]))
        #expect(dataset.labelsPerSample == 3 && dataset.inputRange == 0...5)
    }

    @Test func lineEndsMarksAndQuotesAreNamedOnOneLine() throws {
        let dataset = try Self.load("\u{FEFF}a\r\n\"\u{7F}\\", length: 2)
        guard case .classes(_, let names) = dataset.targets else { return #expect(Bool(false)) }
        // The byte order mark is none of them; line end and return are two characters.
        #expect(names == ["\\n", "\\r", "\\\"", "\\\\", "a", "\\u{7F}"])
    }

    @Test func bytesHaveNumbersOfTheirOwn() throws {
        let dataset = try Self.load([0x61, 0xFF, 0x00, 0x62], TextSource(path: "", unit: .bytes, length: 3))
        #expect(dataset.inputs == [97, 255, 0])
        guard case .classes(let labels, let names) = dataset.targets else { return #expect(Bool(false)) }
        #expect(labels == [255, 0, 98] && names.count == 256)
        #expect([97, 255, 0, 10, 39, 32].map { names[$0] } == ["a", "\\xFF", "\\x00", "\\x0A", "\\'", " "])
        #expect(try Self.load("é!", unit: .bytes, length: 2).inputs == [0xC3, 0xA9])
    }

    @Test func aVocabularyFixesTheNumbers() throws {
        let dataset = try Self.load("abba", length: 3, vocabulary: "zab")
        #expect(dataset.inputs == [1, 2, 2])
        let error = failure { try Self.load("ab\nbxa", length: 3, vocabulary: "ab\n") }
        #expect(error?.location?.hasSuffix("poem.txt:2:2") == true && error?.what.contains("\"x\"") == true)
    }

    @Test func theVocabularyIsDecidedByTheText() throws {
        let file = try TemporaryFile(Array("to be".utf8), name: "t.txt")
        let source = TextSource(path: file.path, length: 4)
        let decided = try source.decided(by: source.load(relativeTo: ""), relativeTo: "")
        #expect(decided.vocabulary == " beot")
        #expect(try decided.load(relativeTo: "") == source.load(relativeTo: ""))
        let other = TextSource(path: "other.txt", length: 9).reading(as: decided, features: [], sampleShape: [9])
        #expect(other == TextSource(path: "other.txt", length: 4, vocabulary: " beot"))
    }

    @Test func validationIsTheLastPartOfTheText() throws {
        let text = (0..<101).map { "\(Unicode.Scalar(UInt8(33 + $0 % 90)))" }.joined()
        let dataset = try Self.load(text, length: 5)
        var split = SplitSpecification()
        split.shuffle = !TextSource().takesRowsInOrder
        let parts = try split(dataset)
        let whole = parts.train.inputs + (parts.validation?.inputs ?? []) + (parts.test?.inputs ?? [])
        #expect(dataset.count == 20 && whole == dataset.inputs)
    }

    @Test func whatIsNoTextIsSaid() {
        let invalid = failure { try Self.load(Array("ab\nc".utf8) + [0xFF] + Array("de".utf8), TextSource()) }
        #expect(invalid?.location?.hasSuffix("poem.txt:2:2") == true && invalid?.expected == "text in UTF-8")
        for text in ["", "a", "abc"] {
            let short = failure { try Self.load(text, length: 3) }
            #expect(short?.what.contains("\(text.count) characters") == true && short?.fix != nil)
        }
        #expect(failure { try TextSource(path: "x", unit: .bytes, vocabulary: "a").validate() } != nil)
        #expect(failure { try TextSource(path: "x", vocabulary: "").validate() } != nil)
        #expect(failure { try TextSource(path: "x", vocabulary: "aba").validate() }?.what.contains("\"a\"") == true)
    }

    /// Files that were damaged at random are read or refused, never a crash, and what is read is what is there.
    @Test func damagedTextsAreReadOrRefused() throws {
        let seeds = ["\u{FEFF}To be, or not\r\nto be: \u{1F600}é\n", "a\0b\u{7F}c\n\n\n", "ééééé\u{301}e"].map {
            Array($0.utf8)
        }
        let sources = [
            TextSource(path: "fuzz.txt", length: 2), TextSource(path: "fuzz.txt", length: 5, vocabulary: "abeé\n "),
            TextSource(path: "fuzz.txt", unit: .bytes, length: 3),
        ]
        var number = 0
        ArchiveFuzzTests.survive(seeds, seed: 9) { bytes in
            number += 1
            let source = sources[number % sources.count]
            let (contents, vocabulary) = try source.contents(of: bytes, file: "fuzz.txt")
            let dataset = try source.dataset(contents, vocabulary, file: "fuzz.txt")
            #expect(dataset.count == (symbols(bytes, source.unit) - 1) / source.length)
        }
    }

    private func symbols(_ bytes: [UInt8], _ unit: TextSource.Unit) -> Int {
        guard unit == .characters else { return bytes.count }
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        return String(decoding: bytes.dropFirst(hasMark ? 3 : 0), as: UTF8.self).unicodeScalars.count
    }
}
