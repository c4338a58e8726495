import EspalierSpec

/// A table of numbers with a target column, or several, in a text file as RFC 4180 describes.
///
/// Fields are separated by commas; lines end in LF, CRLF or CR; a field in quotes may hold commas, line ends and doubled
/// quotes. The text is UTF-8, with or without a byte order mark. Spaces around a field without quotes are not part of
/// it. Empty lines are ignored at the end of the file, and an error elsewhere.
///
/// - **Header.** Where `header` is not given, the first line is one if no field of it is a number. Without a header the
///   columns are called `column1`, `column2`, and so on.
/// - **Features.** All columns but the target, unless listed; every value must be a finite number.
/// - **Task.** Where `task` is not given, it is classification if the first target is no number (then every target is a
///   text), or if all targets are whole numbers with at most 20 different values and at least two rows for each on
///   average; otherwise it is regression.
///   Several target columns are values of a regression.
/// - **Classes** are sorted: by value where all are whole numbers, else by their text.
public struct CSVSource: DataSource {
    public var path = ""
    /// The target's column, or those of several values; nothing stands for the last one.
    public var target: CSVColumns?
    /// The features' columns, in the order of the sample; nothing stands for all but the target.
    public var features: [String]?
    public var task: Task?
    public var header: Bool?

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
        let file = try InputFile(resolve(path, relativeTo: folder), kind: "data")
        return try CSVTable(self, from: file, readsTarget: false).featureValues
    }

    public func decided(by dataset: Dataset, relativeTo folder: String) throws -> Self {
        var reader = CSVReader(try InputFile(resolve(path, relativeTo: folder), kind: "data"))
        guard try reader.next() else { return self }
        let (hasHeader, columns) = try CSVTable.columns(of: self, reader)
        var copy = self
        copy.header = hasHeader
        copy.target = target ?? columns.last.map { [$0] }
        if case .classes = dataset.targets { copy.task = .classification } else { copy.task = .regression }
        return copy
    }

    public func reading(as original: any DataSource, features: [String]) -> Self {
        guard let original = original as? CSVSource else { return self }
        var copy = self
        copy.features = features
        copy.target = original.target
        copy.header = original.header
        copy.task = original.task
        return copy
    }

    public func load(relativeTo folder: String) throws -> Dataset {
        try validate()
        return try CSVTable(self, from: InputFile(resolve(path, relativeTo: folder), kind: "data")).dataset()
    }
}

/// The first text that occurs a second time.
func firstRepeated(_ texts: [String]) -> String? {
    var seen: Set<String> = []
    return texts.first { !seen.insert($0).inserted }
}
