import EspalierSpec

/// A table of numbers with a target column, or several, in a text file as RFC 4180 describes.
///
/// Fields are separated by commas, semicolons or tabs; lines end in LF, CRLF or CR; a field in quotes may hold these, line
/// ends and doubled quotes. The text is UTF-8, with or without a byte order mark. Spaces around a field without quotes are not part of
/// it. Empty lines are ignored at the end of the file, and an error elsewhere. A file whose name ends in `.gz` is unpacked
/// as it is read; of either kind, no more than a buffer is in memory at once, besides the numbers.
///
/// - **Header.** Where `header` is not given, the first line is one if no field of it is a number. Without a header the
///   columns are called `column1`, `column2`, and so on.
/// - **Features.** All columns but the target and those that are ignored, unless listed. What `columns` does not say of a
///   column is decided by its first value: a number makes it a column of numbers, a text one of categories, and every
///   other value has to be of that kind. A column of categories becomes a number for each, `color=red`, which is 1 where
///   the value is that one and else 0; categories are sorted by value where all are whole numbers, else by their text.
///   What was decided is written down with the run, so that other files are read alike.
/// - **Missing values.** A field without text, or with one of `missingMarkers`, has no value. `missing` says what is done:
///   mean, median and mode are those of the training rows, and of the category that most of them have in a column of
///   categories. A row whose target is missing can be dropped, a target is never filled in.
/// - **Task.** Where `task` is not given, it is classification if the first target is no number (then every target is a
///   text), or if all targets are whole numbers with at most 20 different values and at least two rows for each on
///   average; otherwise it is regression.
///   Several target columns are values of a regression.
/// - **Classes** are sorted as categories are.
/// - **Numbers** are rounded once, to the nearest 32-bit number.
public struct CSVSource: DataSource {
    public var path = ""
    /// The target's column, or those of several values; nothing stands for the last one.
    public var target: CSVColumns?
    /// The features' columns, in the order of the sample; nothing stands for all but the target.
    public var features: [String]?
    public var task: Task?
    public var header: Bool?
    /// What stands between two columns; decided by each file's first line where nothing is said.
    public var separator: CSVSeparator?
    /// What the features' columns hold; decided by the values where nothing is said.
    public var columns = PerColumn<CSVColumnKind>()
    /// The most categories that a column may have unless they are listed.
    public var categoryLimit = 100
    /// What is done about a category that a column is not known to have.
    public var unknown = UnknownCategory.error
    /// What is done about values that are missing.
    public var missing = PerColumn<MissingPolicy>(.error)
    /// The texts that stand for a missing value, in upper or lower case, besides no text at all.
    public var missingMarkers = ["NA", "N/A", "NaN", "null", "?"]
    /// Whether a column that is filled in gets a feature `x is missing`, 1 or 0, besides; for all columns alike: those in
    /// which a value is missing.
    public var missingIndicator = PerColumn(false)

    /// Whether samples are held in memory; nothing leaves more than half a gibibyte of them in a temporary file.
    public var inMemory: Bool?

    public enum Task: String, CaseIterable, ConfigurationRepresentable {
        case classification, regression
    }

    public init() {}

    public init(
        path: String, target: CSVColumns? = nil, features: [String]? = nil, task: Task? = nil, header: Bool? = nil
    ) {
        self.path = path
        self.target = target
        self.features = features
        self.task = task
        self.header = header
    }

    public static let name = "csv"
    public static let summary = "A table in a CSV file, one row per sample"
    public static let fields = [
        Field("path", \Self.path, "the file, relative to the configuration's folder", required: true),
        Field("target", \Self.target, "column to predict, or a list of several; null is the last one"),
        Field("features", \Self.features, "columns to predict from; null is all but the target"),
        Field("task", \Self.task, "classification or regression; null decides by the target's values"),
        Field(
            "header", \Self.header, "whether the first line names the columns; null decides by whether it has a number"),
        Field(
            "separator", \Self.separator,
            "what stands between columns; null decides by the first line: a comma, or else semicolon or tab"),
        Field("columns", \Self.columns, "what the features are; null decides by their first values"),
        Field("categoryLimit", \Self.categoryLimit, "most categories of a column unless they are listed", in: 1...),
        Field("unknown", \Self.unknown, "a category that is not among a column's: an error, or none of them"),
        Field("missing", \Self.missing, "what is done about a missing value; fitted on the training rows"),
        Field("missingMarkers", \Self.missingMarkers, "texts that stand for a missing value, besides none"),
        Field("missingIndicator", \Self.missingIndicator, "whether a feature says where a value was missing"),
        Field(
            "inMemory", \Self.inMemory,
            "whether samples are held in memory; null puts more than 512 MiB of them in a temporary file"),
    ]

    public func validate() throws {
        if let features, features.isEmpty {
            throw EspalierError(
                "features is an empty list", expected: "at least one column", fix: "leave features out to use all")
        }
        if let repeated = features.flatMap(firstRepeated) {
            throw EspalierError("the feature \"\(repeated)\" is listed twice", expected: "each column once")
        }
        if let shared = target?.names.first(where: { features?.contains($0) ?? false }) {
            throw EspalierError(
                "the target \"\(shared)\" is also a feature", expected: "features that do not hold the answer",
                fix: "take \"\(shared)\" out of features")
        }
        if let repeated = target.flatMap({ firstRepeated($0.names) }) {
            throw EspalierError("the target \"\(repeated)\" is listed twice", expected: "each column once")
        }
        if let count = target?.names.count, count > 1, task == .classification {
            throw EspalierError(
                "\(count) target columns name no class", expected: "one column, or task: regression")
        }
    }

    public func anchored(in folder: String) -> Self {
        var copy = self
        copy.path = resolve(path, relativeTo: folder)
        return copy
    }

    /// The features of every row, one after the other; the target column need not be there.
    ///
    /// - Throws: `EspalierError` as `load` does.
    public func loadFeatures(relativeTo folder: String) throws -> [Float] {
        try validate()
        return try CSVTable(self, from: open(relativeTo: folder), readsTarget: false).samples()
    }

    public func decided(by dataset: Dataset, relativeTo folder: String) throws -> Self {
        var reader = CSVReader(try open(relativeTo: folder), separator: separator)
        guard try reader.next() else { return self }
        let (hasHeader, names) = try CSVTable.columns(of: self, reader)
        var copy = self
        copy.header = hasHeader
        copy.target = target ?? names.last.map { [$0] }
        if case .classes = dataset.targets { copy.task = .classification } else { copy.task = .regression }
        let targets = copy.target?.names ?? []
        let used = features ?? names.filter { !targets.contains($0) && columns[$0] != .ignored }
        copy.decide(used, as: dataset.featureNames)
        return copy
    }

    /// Columns, categories and policies of a table are decided, so that this file is read as that one was.
    public func reading(as original: any DataSource, features: [String], sampleShape: [Int]) -> Self {
        var copy = self
        if let original = original as? CSVSource {
            copy = original
            copy.path = path
        } else {
            copy.columns = PerColumn(.numeric)
        }
        if copy.features == nil, !features.isEmpty { copy.features = features }
        return copy
    }

    /// Writes down what the columns `used` were taken for, which the names of their features tell.
    private mutating func decide(_ used: [String], as featureNames: [String]) {
        var rest = featureNames[...]
        var kinds: [PerColumn<CSVColumnKind>.Entry] = [], indicated: [PerColumn<Bool>.Entry] = []
        for name in used {
            let prefix = name + "="
            let categories = rest.prefix { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
            rest = rest.dropFirst(max(1, categories.count))
            if !categories.isEmpty {
                kinds.append(.init(column: name, value: .oneHot(categories)))
            } else if case .ordinal? = columns[name] {
                kinds.append(.init(column: name, value: columns[name] ?? .numeric))
            }
            if rest.first == "\(name) is missing" {
                indicated.append(.init(column: name, value: true))
                rest = rest.dropFirst()
            }
        }
        // Where every feature is a column, their names say which ones; which columns are left out, nothing else would say.
        let leavesOut = columns.others == .ignored || columns.named.contains { $0.value == .ignored }
        if !kinds.isEmpty || !indicated.isEmpty || featureNames != used || leavesOut { features = used }
        columns = PerColumn(kinds, others: .numeric)
        missingIndicator = PerColumn(indicated, others: false)
    }

    public func load(relativeTo folder: String) throws -> Dataset {
        try validate()
        return try CSVTable(self, from: open(relativeTo: folder)).dataset()
    }
}

extension CSVSource {
    /// The file, unpacked as it is read where its name says that it is compressed.
    func open(relativeTo folder: String) throws -> any ByteInput {
        let file = try InputFile(resolve(path, relativeTo: folder), kind: "data")
        return path.lowercased().hasSuffix(".gz") ? GzipInput(file) : file
    }

    /// Every column of which something is said by its name, but the target and the features themselves.
    var namedColumns: [String] {
        columns.named.map(\.column) + missing.named.map(\.column) + missingIndicator.named.map(\.column)
    }
}

/// The first text that occurs a second time.
func firstRepeated(_ texts: [String]) -> String? {
    var seen: Set<String> = []
    return texts.first { !seen.insert($0).inserted }
}
