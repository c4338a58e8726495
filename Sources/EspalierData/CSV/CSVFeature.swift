import EspalierSpec

/// A column of features while it is read: one number a row, which is NaN where the value is missing, and what that becomes
/// in a sample.
struct CSVFeature {
    let name: String
    /// Where in the file's rows it is.
    let column: Int
    let policy: MissingPolicy
    /// Whether that was said of this column by its name.
    let isPolicyNamed: Bool
    /// Whether a number of the sample says where it was missing; nothing where that depends on whether it ever is.
    let isIndicated: Bool?
    let unknown: UnknownCategory
    let categoryLimit: Int
    private(set) var content: Content
    private(set) var hasMissing = false
    /// The line whose text made it a column of categories, where nobody said that it is one.
    private var firstText: Int?

    enum Content {
        /// Its first value will tell.
        case undecided
        case numbers
        /// Numbers of categories, -1 for one that is unknown.
        case categories(CSVCategories, isOrdinal: Bool)
    }

    init(_ name: String, column: Int, of source: CSVSource) {
        self.name = name
        self.column = column
        policy = source.missing[name] ?? .error
        isPolicyNamed = source.missing.names(name)
        let indicator = source.missingIndicator[name] ?? false
        isIndicated = indicator && !source.missingIndicator.names(name) ? nil : indicator
        unknown = source.unknown
        categoryLimit = source.categoryLimit
        content =
            switch source.columns[name] {
            case nil, .ignored: .undecided
            case .numeric: .numbers
            case .oneHot(let names): .categories(CSVCategories(names), isOrdinal: false)
            case .ordinal(let names): .categories(CSVCategories(names), isOrdinal: true)
            }
    }

    /// Whether a value that is missing is left open, for what is filled in later.
    var leavesGaps: Bool {
        switch policy {
        case .error, .drop: false
        case .fitted, .number, .category: true
        }
    }

    /// Whether anything is known of its values.
    var hasValues: Bool {
        switch content {
        case .undecided: false
        case .numbers: true
        case .categories(let categories, _): !categories.names.isEmpty
        }
    }

    /// Whether its values are numbers, as far as is known.
    var mayBeNumeric: Bool { if case .categories = content { false } else { true } }

    /// Whether its values are numbers, which the first one decides where that is not said.
    mutating func isNumeric(decidedBy isNumber: Bool, line: Int) -> Bool {
        if case .undecided = content {
            content = isNumber ? .numbers : .categories(CSVCategories(), isOrdinal: false)
            if !isNumber { firstText = line }
        }
        if case .numbers = content { return true }
        return false
    }

    /// The number of the category in `field`.
    ///
    /// - Throws: `EspalierError`, without a place, for one that is unknown or one too many; `MixedColumn` for a number where
    ///   the column was taken for one of texts.
    mutating func category(_ field: CSVReader.Field, _ reader: borrowing CSVReader) throws -> Float {
        guard case .categories(var categories, let isOrdinal) = content else { return .nan }
        // Leaves `categories` the only owner of its memory.
        content = .undecided
        defer { content = .categories(categories, isOrdinal: isOrdinal) }
        let known = categories.names.count
        guard let code = try categories.code(field, reader) else {
            if unknown == .zeros && !isOrdinal { return -1 }
            throw isUnknown(String((reader.text(field) ?? "").prefix(60)), among: categories.names, isOrdinal)
        }
        guard categories.names.count > known else { return Float(code) }
        if let firstText, DecimalNumber(reader.bytes(field)) != nil {
            throw MixedColumn(texts: categories.names, line: firstText)
        }
        guard code < categoryLimit else {
            throw EspalierError(
                "\"\(categories.names[code].prefix(60))\" is different value number \(code + 1)",
                expected: "at most \(categoryLimit) categories (categoryLimit)",
                fix: "leave the column out, columns: {\(name): ignored}, or set a higher categoryLimit")
        }
        return Float(code)
    }

    private func isUnknown(_ text: String, among names: [String], _ isOrdinal: Bool) -> EspalierError {
        var error = EspalierSpec.unknown("category", text, among: names, at: nil)
        error.location = nil
        if error.fix == nil {
            error.fix =
                isOrdinal
                ? "columns: {\(name): {ordinal: [all of them in order]}}" : "unknown: zeros takes it for none of them"
        }
        return error
    }

    /// Takes a category for what is missing; nothing where it cannot be one of them.
    mutating func addCategory(_ name: String) -> Int? {
        guard case .categories(var categories, let isOrdinal) = content else { return nil }
        defer { content = .categories(categories, isOrdinal: isOrdinal) }
        return categories.code(of: name)
    }

    mutating func noteMissing() { hasMissing = true }
}

/// A column began with a text and holds numbers too.
struct MixedColumn: Error {
    /// Its different values so far, the number last.
    var texts: [String]
    /// The line of the text that it began with.
    var line: Int
}
