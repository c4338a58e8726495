import EspalierSpec

/// The features and targets of a CSV file, read in one pass; memory is what the numbers take.
struct CSVTable {
    private let source: CSVSource
    private let path: String
    private var hasHeader = false
    private var columns: [String] = []
    /// The position of each feature's column, and of each target's where they are read.
    private var features: [Int] = []
    private var targetColumns: [Int] = []
    private let readsTarget: Bool
    private var inputs: [Float] = []
    /// In the order of their columns.
    private var targets: [CSVTarget] = []

    /// Reads the whole file.
    ///
    /// - Parameter readsTarget: Whether a target column is there and wanted.
    /// - Throws: `EspalierError` at `file:line` and the column's name for the first thing that cannot be used.
    init(
        _ source: CSVSource, from file: any ByteInput, readsTarget: Bool = true, bufferSize: Int = 1 << 18
    ) throws {
        self.source = source
        self.readsTarget = readsTarget
        path = file.path
        var reader = CSVReader(file, bufferSize: bufferSize)
        guard try reader.next() else {
            throw EspalierError("the file is empty", at: path, expected: "a row per sample")
        }
        (hasHeader, columns) = try Self.columns(of: source, reader)
        try findColumns()
        if hasHeader, try !reader.next() {
            throw EspalierError(
                "no rows", at: path, expected: "rows after the header",
                fix: source.header == nil ? "header: false, if the only line is a row" : nil)
        }
        var rows = 0
        repeat {
            try append(reader)
            rows += 1
            if rows == 1000 { reserveMemory(after: rows, reader) }
        } while try reader.next()
    }

    /// The features of every row, one after the other.
    var featureValues: [Float] { inputs }

    /// The table as a dataset that is called like the file, without what follows the last point.
    func dataset() throws -> Dataset {
        let file = path.split(separator: "/").last ?? "data"
        return try Dataset(
            name: String(file.prefix(upTo: file.lastIndex(of: ".") ?? file.endIndex)),
            sampleShape: [features.count], inputs: inputs,
            targets: allTargets,
            featureNames: features.map { columns[$0] })
    }

    /// A class or a value for each row, or the values of several columns side by side.
    private var allTargets: Dataset.Targets {
        let names = targetColumns.map { columns[$0] }
        if targets.count == 1 { return targets[0].targets(name: names[0]) }
        let rows = targets.first?.numbers.indices ?? 0..<0
        let values = rows.flatMap { row in targets.map { Float($0.numbers[row]) } }
        return .values(values, width: targets.count, names: names)
    }

    // MARK: Columns

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

    private mutating func findColumns() throws {
        let place = "\(path):1"
        guard columns.count > 1 || !readsTarget else {
            throw EspalierError(
                "there is only one column, \"\(columns[0].prefix(60))\"", at: place,
                expected: "at least one feature and a target", fix: "separate the columns with commas")
        }
        func position(of name: String) throws -> Int {
            guard let position = columns.firstIndex(of: name) else {
                throw unknown("column", name, among: columns, at: place)
            }
            return position
        }
        if readsTarget { targetColumns = try source.target?.names.map(position) ?? [columns.count - 1] }
        let task = targetColumns.count > 1 ? .regression : source.task
        targets = targetColumns.map { _ in CSVTarget(task: task) }
        features = try source.features?.map(position) ?? columns.indices.filter { !targetColumns.contains($0) }
        guard !features.isEmpty else {
            throw EspalierError(
                "every column is a target", at: place, expected: "at least one feature", fix: "fewer columns in target")
        }
        if let target = targetColumns.first(where: features.contains) {
            throw EspalierError(
                "the target \"\(columns[target])\" is also a feature", at: place,
                expected: "features that do not hold the answer", fix: "name another target, or take it out of features"
            )
        }
    }

    // MARK: Rows

    private mutating func append(_ reader: borrowing CSVReader) throws {
        let fields = reader.fields
        guard fields.count == columns.count else {
            throw EspalierError(
                "\(fields.count) fields", at: "\(path):\(reader.line)",
                expected: "\(columns.count), as in \(hasHeader ? "the header" : "the first row")",
                fix: fields.count > columns.count ? "put quotes around a field that has a comma in it" : nil)
        }
        for column in features {
            guard let value = DecimalNumber(reader.bytes(fields[column]))?.float, value.isFinite else {
                throw complaint(reader, column)
            }
            inputs.append(value)
        }
        for (index, column) in targetColumns.enumerated() {
            do {
                guard try targets[index].append(fields[column], reader) else { throw complaint(reader, column) }
            } catch let error as EspalierError {
                throw error.located(at: place(reader, column))
            }
        }
    }

    /// Reserves memory for the rows to come, judged by those so far, so that growing does not copy everything again.
    private mutating func reserveMemory(after rows: Int, _ reader: borrowing CSVReader) {
        let expected = Double(reader.file.size) / Double(reader.bytesRead) * Double(rows) * 1.02
        guard expected > Double(rows) else { return }
        inputs.reserveCapacity(Int(expected) * features.count)
        for index in targets.indices { targets[index].reserveCapacity(Int(expected)) }
    }

    private func place(_ reader: borrowing CSVReader, _ column: Int) -> String {
        "\(path):\(reader.line), column \"\(columns[column])\""
    }

    /// The error for a field that should have been a finite number.
    private func complaint(_ reader: borrowing CSVReader, _ column: Int) -> EspalierError {
        let field = reader.fields[column]
        let text = String(decoding: reader.bytes(field), as: UTF8.self)
        let shown = text.count > 40 ? "\(text.prefix(40))…" : text
        var error = EspalierError("", at: place(reader, column), expected: "a number")
        if field.isEmpty || ["na", "n/a", "null", "none", "?", "nan"].contains(text.lowercased()) {
            error.what = field.isEmpty ? "the value is missing" : "the value is missing (\(shown.debugDescription))"
            error.fix = "fill it in, or remove the row"
        } else if let value = DecimalNumber(reader.bytes(field)) {
            error.what = "\(shown) is too large (\(value.float))"
            error.expected = "a number of at most 3.4e38"
        } else {
            error.what = "\(shown.debugDescription) is not a number"
            error.fix =
                reader.line == 1 && !hasHeader
                ? "header: true, if the first line names the columns"
                : targetColumns == [column]
                    ? "task: classification, if the target is a class"
                    : "list the columns of numbers in features, without \"\(columns[column])\""
        }
        return error
    }
}
