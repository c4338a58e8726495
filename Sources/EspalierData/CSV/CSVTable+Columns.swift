import EspalierSpec

// Which columns there are, and which are used.
extension CSVTable {
    /// Whether the first line, which `reader` stands on, names the columns, and what they are called.
    static func columns(
        of source: CSVSource, _ reader: borrowing CSVReader
    ) throws -> (hasHeader: Bool, names: [String]) {
        let hasHeader = source.header ?? !hasNumber(reader)
        return (
            hasHeader,
            hasHeader ? try header(reader, reader.file.path) : reader.fields.indices.map { "column\($0 + 1)" }
        )
    }

    private static func hasNumber(_ reader: borrowing CSVReader) -> Bool {
        for field in reader.fields where DecimalNumber(reader.bytes(field)) != nil { return true }
        return false
    }

    private static func header(_ reader: borrowing CSVReader, _ path: String) throws -> [String] {
        let place = "\(path):\(reader.line)"
        var names: [String] = []
        for (index, field) in reader.fields.enumerated() {
            guard let name = reader.text(field) else {
                throw CSVTarget.notUTF8.located(at: "\(place), column \(index + 1)")
            }
            names.append(name.isEmpty ? "column\(index + 1)" : name)
        }
        if let repeated = firstRepeated(names) {
            throw EspalierError(
                "two columns are called \"\(repeated)\"", at: place, expected: "a name of its own for every column",
                fix: "rename one of them")
        }
        return names
    }

    mutating func findColumns(readsTarget: Bool) throws {
        let place = "\(path):1"
        guard columns.count > 1 || !readsTarget else {
            throw EspalierError(
                "there is only one column, \"\(columns[0].prefix(60))\"", at: place,
                expected: "at least one feature and a target",
                fix: "separate the columns with commas, or say what separates them: separator: tab")
        }
        let positions = Dictionary(uniqueKeysWithValues: zip(columns, columns.indices))
        func position(of name: String) throws -> Int {
            if let position = positions[name] { return position }
            throw readsTarget ? unknown("column", name, among: columns, at: place) : isMissing(name, at: place)
        }
        if readsTarget { targetColumns = try source.target?.names.map(position) ?? [columns.count - 1] }
        let targets = Set(targetColumns)
        for name in source.namedColumns where readsTarget || source.target?.names.contains(name) != true {
            guard targets.contains(try position(of: name)), source.columns.names(name) else { continue }
            throw EspalierError(
                "the target \"\(name)\" is among columns", at: place, expected: "features",
                fix: "task: regression, or classification, says what the target is")
        }
        let used =
            try source.features?.map(position)
            ?? columns.indices.filter { column in
                !targets.contains(column) && source.columns[columns[column]] != .ignored
            }
        guard !used.isEmpty else {
            let isIgnored = columns.count > targets.count
            throw EspalierError(
                isIgnored ? "every column is ignored" : "every column is a target", at: place,
                expected: "at least one feature", fix: isIgnored ? nil : "fewer columns in target")
        }
        if let target = used.first(where: targets.contains) {
            throw EspalierError(
                "the target \"\(columns[target])\" is also a feature", at: place,
                expected: "features that do not hold the answer", fix: "name another target, or take it out of features"
            )
        }
        features = used.map { CSVFeature(columns[$0], column: $0, of: source) }
        try checkCategoryNames(place)
    }

    /// What a category's number is called must not be the name of another column, or the start of it.
    private func checkCategoryNames(_ place: String) throws {
        let names = Set(features.map(\.name))
        for name in names {
            guard let sign = name.firstIndex(of: "="), names.contains(String(name[..<sign])) else { continue }
            throw EspalierError(
                "the column \"\(name)\" could be a category of the column \"\(name[..<sign])\"", at: place,
                expected: "names that cannot be mistaken", fix: "rename it")
        }
    }
}
