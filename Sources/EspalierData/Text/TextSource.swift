import EspalierSpec

/// A text as sequences of symbols, each to be continued by the symbol that follows.
///
/// The symbols s_0, s_1, ... are numbers from 0. Sample i has the symbols from s_(i length) on, shape [length], and for
/// each of them the next one as its label: the last label is the first symbol of sample i + 1. What is left at the end
/// and too short for a sample is not used. Samples do not overlap and are split in the order of the text, so that
/// validation and test are the last parts of it, and no label of theirs is seen in training.
///
/// - **Characters** are Unicode scalars, of a file in UTF-8 with or without a byte order mark; line ends are
///   characters as any other. Their numbers follow the order of their code points.
/// - **Bytes** are taken from any file, and are numbered 0 to 255 whether or not they occur.
///
/// Use it for models that write on, with an `embedding` first and as many outputs at each step as there are symbols.
///
/// Source: Shannon 1951, "Prediction and entropy of printed English".
public struct TextSource: DataSource {
    public var path = ""
    public var unit = Unit.characters
    /// Symbols of a sample.
    public var length = 100
    /// The characters in the order of their numbers; nothing takes those of the text, sorted.
    public var vocabulary: String?

    /// What a symbol is.
    public enum Unit: String, CaseIterable, ConfigurationRepresentable {
        case characters, bytes
    }

    public init() {}

    public init(path: String, unit: Unit = .characters, length: Int = 100, vocabulary: String? = nil) {
        self.path = path
        self.unit = unit
        self.length = length
        self.vocabulary = vocabulary
    }

    public static let name = "text"
    public static let summary = "A text in sequences, whose next character or byte is predicted at every step"
    public static let fields = [
        Field("path", \Self.path, "the file, relative to the configuration's folder", required: true),
        Field("unit", \Self.unit, "characters of UTF-8, or bytes"),
        Field("length", \Self.length, "symbols of a sample", in: 2...1_000_000),
        Field(
            "vocabulary", \Self.vocabulary,
            "the characters in the order of their numbers; null takes those that occur, sorted"),
    ]

    /// Numbers name symbols, so they are not scaled.
    public var holdsSymbols: Bool { true }
    public var takesRowsInOrder: Bool { true }

    public func validate() throws {
        guard let vocabulary else { return }
        guard unit == .characters else {
            throw EspalierError(
                "a vocabulary is given, and bytes have one already", expected: "unit: characters, or no vocabulary")
        }
        guard !vocabulary.isEmpty else {
            throw EspalierError(
                "the vocabulary is empty", expected: "at least one character", fix: "leave vocabulary out")
        }
        var seen: Set<Unicode.Scalar> = []
        if let repeated = vocabulary.unicodeScalars.first(where: { !seen.insert($0).inserted }) {
            throw EspalierError(
                "the character \(repeated.escaped(asASCII: false).debugDescription) is twice in the vocabulary",
                expected: "each character once")
        }
    }

    public func anchored(in folder: String) -> Self {
        var copy = self
        copy.path = resolve(path, relativeTo: folder)
        return copy
    }

    /// With the vocabulary, so that other texts have the same numbers.
    public func decided(by dataset: Dataset, relativeTo folder: String) throws -> Self {
        guard case .characters(let scalars) = try read(relativeTo: folder).vocabulary else { return self }
        var copy = self
        copy.vocabulary = String(String.UnicodeScalarView(scalars))
        return copy
    }

    public func reading(as original: any DataSource, features: [String], sampleShape: [Int]) -> Self {
        guard let trained = original as? TextSource else { return self }
        return TextSource(path: path, unit: trained.unit, length: trained.length, vocabulary: trained.vocabulary)
    }

    public func load(relativeTo folder: String) throws -> Dataset {
        try validate()
        let (contents, vocabulary) = try read(relativeTo: folder)
        return try dataset(contents, vocabulary, file: resolve(path, relativeTo: folder))
    }

    /// - Throws: `EspalierError` with line and column of what is no text, or none in the vocabulary.
    func dataset(_ contents: TextContents, _ vocabulary: TextVocabulary, file: String) throws -> Dataset {
        let numbers = try vocabulary.numbers(in: contents, file: file)
        let count = (numbers.count - 1) / length
        guard count >= 1 else {
            throw EspalierError(
                "the text has \(numbers.count) \(unit.rawValue), too few for one sample of \(length)", at: file,
                expected: "at least \(length + 1): a sample and what follows it",
                fix: numbers.count > 2 ? "a length of at most \(numbers.count - 1)" : "more text")
        }
        let last = Float(vocabulary.count - 1)
        return try Dataset(
            name: path.fileStem, sampleShape: [length], inputs: numbers[..<(count * length)].map { Float($0) },
            targets: .classes(Array(numbers[1...(count * length)]), names: vocabulary.names),
            inputRange: last > 0 ? 0...last : nil)
    }

    /// What is in the file, and the symbols that it is made of.
    private func read(relativeTo folder: String) throws -> (contents: TextContents, vocabulary: TextVocabulary) {
        let file = resolve(path, relativeTo: folder)
        return try contents(of: try SystemFile.read(file, kind: "text", limit: Self.sizeLimit), file: file)
    }

    func contents(of bytes: [UInt8], file: String) throws -> (contents: TextContents, vocabulary: TextVocabulary) {
        guard unit == .characters else { return (.bytes(bytes), .bytes) }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = try SystemFile.text(bytes.starts(with: mark) ? Array(bytes.dropFirst(3)) : bytes, file: file)
        return (.text(text), decidedVocabulary(for: text))
    }

    /// Every symbol takes eight bytes of memory, beside the text itself.
    private static let sizeLimit = 1 << 30
}

// Texts as numbers and back, for a model that writes.
extension TextSource {
    /// The number of every symbol of `text`, in the vocabulary that was decided.
    ///
    /// - Throws: `EspalierError` with line and column of a character that is not in it.
    public func numbers(of text: String) throws -> [Int32] {
        try decidedVocabulary(for: text).numbers(in: .text(text), file: "the beginning")
    }

    /// The text of numbers; bytes that are no UTF-8 become replacement characters.
    ///
    /// - Precondition: Each number is that of a symbol in the vocabulary.
    public func text(of numbers: [Int32]) -> String {
        guard case .characters(let scalars) = decidedVocabulary(for: "") else {
            return String(decoding: numbers.map { UInt8($0) }, as: UTF8.self)
        }
        return String(String.UnicodeScalarView(numbers.map { scalars[Int($0)] }))
    }

    private func decidedVocabulary(for text: String) -> TextVocabulary {
        guard unit == .characters else { return .bytes }
        return vocabulary.map { .characters(Array($0.unicodeScalars)) } ?? .characters(in: text)
    }
}
