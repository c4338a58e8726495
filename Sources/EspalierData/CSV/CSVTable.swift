import EspalierSpec

/// The features and targets of a CSV file, read in one pass; memory is what the numbers take, as far as they stay there.
struct CSVTable {
    let source: CSVSource
    let path: String
    private let dropsTargets: Bool
    /// The byte between two columns.
    private(set) var separator = CSVReader.comma
    var hasHeader = false
    var columns: [String] = []
    var features: [CSVFeature] = []
    /// Where each target is in the file's rows, where they are read.
    var targetColumns: [Int] = []
    /// How many rows were left out because a value was missing.
    private(set) var droppedRows = 0
    /// In the order of their columns.
    private var targets: [CSVTarget] = []
    /// A number for each feature in each row.
    private var content = CSVRows.Content.memory([])
    private var rowCount = 0
    private(set) var layout = CSVLayout()
    private var dropsRows = false
    private let markers: MissingMarkers

    /// Reads the whole file.
    ///
    /// - Parameters:
    ///   - readsTarget: Whether a target column is there and wanted; where it is not, no row may be left out.
    ///   - dropsTargets: Whether rows without a target are left out, whatever the settings say.
    /// - Throws: `EspalierError` at `file:line` and the column's name for the first thing that cannot be used.
    init(
        _ source: CSVSource, from file: any ByteInput, readsTarget: Bool = true, dropsTargets: Bool = false,
        bufferSize: Int = 1 << 18
    ) throws {
        self.source = source
        self.dropsTargets = dropsTargets
        markers = MissingMarkers(source.missingMarkers)
        path = file.path
        var reader = CSVReader(file, separator: source.separator, bufferSize: bufferSize)
        guard try reader.next() else {
            throw EspalierError("the file is empty", at: path, expected: "a row per sample")
        }
        separator = reader.separator
        (hasHeader, columns) = try Self.columns(of: source, reader)
        try findColumns(readsTarget: readsTarget)
        dropsRows =
            readsTarget
            && (features.contains { $0.policy == .drop }
                || targetColumns.contains(where: dropsTarget))
        let task = targetColumns.count > 1 ? .regression : source.task
        targets = targetColumns.map { _ in CSVTarget(task: task) }
        if hasHeader, try !reader.next() { throw noRows(fix: source.header == nil) }
        var rows = CSVRows(width: features.count, inMemory: source.inMemory)
        try readRows(&reader, into: &rows)
        guard rows.count > 0 else { throw noRows(fix: false) }
        rowCount = rows.count
        content = try rows.finish()
        do {
            layout = try CSVLayout(&features)
        } catch let error as EspalierError {
            throw error.located(at: path)
        }
    }

    private func noRows(fix isGuessed: Bool) -> EspalierError {
        droppedRows > 0
            ? EspalierError(
                "a value is missing in each of the \(droppedRows) rows", at: path, expected: "rows that are whole",
                fix: "missing: median instead of drop")
            : EspalierError(
                "no rows", at: path, expected: "rows after the header",
                fix: isGuessed ? "header: false, if the only line is a row" : nil)
    }

    /// The samples of every row, one after the other.
    func samples() throws -> [Float] {
        if case .memory(let values) = content, layout.isPlain { return values }
        return try [Float](unsafeUninitializedCapacity: rowCount * layout.width) { samples, initialized in
            let store = CSVSamples(rows: content.store(width: features.count), layout: layout)
            for row in 0..<rowCount {
                try store.read(
                    row, into: .init(rebasing: samples[row * layout.width..<(row + 1) * layout.width]))
            }
            initialized = rowCount * layout.width
        }
    }

    /// The table as a dataset that is called like the file, without what follows the last point.
    func dataset() throws -> Dataset {
        let (names, gaps) = (layout.featureNames, layout.gaps)
        let isLarge = rowCount * layout.width * MemoryLayout<Float>.size > ArrayFile.largestInMemory
        switch content {
        case .memory where source.inMemory == true || !isLarge || layout.isPlain:
            return try Dataset(
                name: path.fileStem, sampleShape: [layout.width], inputs: samples(), targets: allTargets,
                featureNames: names,
                gaps: gaps)
        case .memory, .file:
            let rows = content.store(width: features.count)
            return try Dataset(
                name: path.fileStem, sampleShape: [layout.width],
                samples: layout.isPlain ? rows : CSVSamples(rows: rows, layout: layout), targets: allTargets,
                featureNames: names, gaps: gaps)
        }
    }

    /// The rows as they were read as a dataset: one number for each feature, of a category its number.
    func rowsAsRead() throws -> Dataset {
        let gaps = features.indices.map { Gap(positions: $0..<$0 + 1, fill: .mode) }
        return try Dataset(
            name: path.fileStem, sampleShape: [features.count], samples: content.store(width: features.count),
            targets: allTargets, featureNames: features.map(\.name), gaps: gaps)
    }

    private var allTargets: Dataset.Targets {
        let names = targetColumns.map { columns[$0] }
        return targets.count == 1
            ? targets[0].targets(name: names[0]) : CSVTarget.targets(targets, names: names)
    }

    /// The features as they were read.
    var describedColumns: [ColumnCounter.Column] {
        features.map { feature in
            if case .categories(let categories, _) = feature.content {
                ColumnCounter.Column(name: feature.name, categories: categories.names)
            } else {
                ColumnCounter.Column(name: feature.name)
            }
        }
    }

    // MARK: Rows

    /// Reads all rows from the one that `reader` stands on.
    private mutating func readRows(_ reader: inout CSVReader, into rows: inout CSVRows) throws {
        let row = UnsafeMutableBufferPointer<Float>.allocate(capacity: features.count + targets.count)
        defer { row.deallocate() }
        row.initialize(repeating: 0)
        guard let numbers = row.baseAddress else { return }
        let careful = CSVPlan(features, targets)
        var count = 0
        repeat {
            try checkFieldCount(reader)
            try append(reader, row, careful, to: &rows)
            count += 1
            // What the columns are may have been decided by this row.
            let plan = CSVPlan(features, targets, at: targetColumns, columns: columns.count, markers)
            while reader.nextPlain(plan.roles, into: numbers) {
                try append(reader, row, plan, to: &rows)
                count += 1
                if count == 1000 { reserveMemory(after: count, reader, &rows) }
            }
        } while try reader.next()
    }

    /// Adds the row that `reader` stands on.
    ///
    /// - Parameters:
    ///   - row: Room for its numbers, those of the targets last.
    ///   - plan: Which of them are not there yet.
    private mutating func append(
        _ reader: borrowing CSVReader, _ row: UnsafeMutableBufferPointer<Float>, _ plan: CSVPlan,
        to rows: inout CSVRows
    ) throws {
        // Before anything is made of the row, so that no category is known by rows that are left out alone.
        if dropsRows, isDropped(reader, plan) { return droppedRows += 1 }
        for index in plan.textFeatures {
            let column = features[index].column
            do {
                row[index] = try value(index, reader)
            } catch let error as EspalierError {
                throw error.located(at: place(reader, column))
            } catch let mixed as MixedColumn {
                throw isMixed(reader, column, texts: mixed.texts, line: mixed.line)
            }
        }
        for index in plan.gaps where row[index].isNaN { features[index].noteMissing() }
        for index in plan.textTargets { try appendTarget(index, reader) }
        for index in plan.numericTargets { targets[index].append(row[features.count + index]) }
        try rows.append(UnsafeBufferPointer(rebasing: row[..<features.count]))
    }

    /// Whether a value is missing in a column that leaves out such rows; what is in the row already is not missing.
    private func isDropped(_ reader: borrowing CSVReader, _ plan: CSVPlan) -> Bool {
        for index in plan.textFeatures where features[index].policy == .drop {
            if markers.contains(reader.bytes(reader.fields[features[index].column])) { return true }
        }
        for index in plan.textTargets where dropsTarget(targetColumns[index]) {
            if markers.contains(reader.bytes(reader.fields[targetColumns[index]])) { return true }
        }
        return false
    }

    private func dropsTarget(_ column: Int) -> Bool { dropsTargets || source.missing[columns[column]] == .drop }

    /// The number or category of a feature, NaN where it is missing.
    private mutating func value(_ index: Int, _ reader: borrowing CSVReader) throws -> Float {
        let field = reader.fields[features[index].column]
        let bytes = reader.bytes(field)
        let number = features[index].mayBeNumeric ? DecimalNumber(bytes) : nil
        if number == nil || markers.haveNumbers, markers.contains(bytes) {
            guard features[index].leavesGaps else { throw isMissing(reader, features[index].column) }
            features[index].noteMissing()
            return .nan
        }
        if number == nil, isWithDecimalComma(bytes) { throw hasDecimalComma(reader, features[index].column) }
        if features[index].isNumeric(decidedBy: number != nil, line: reader.line) {
            guard let value = number?.float, value.isFinite else {
                throw isNoNumber(reader, features[index].column)
            }
            return value
        }
        return try features[index].category(field, reader)
    }

    private mutating func appendTarget(_ index: Int, _ reader: borrowing CSVReader) throws {
        let column = targetColumns[index]
        let field = reader.fields[column]
        if markers.contains(reader.bytes(field)) { throw isMissing(reader, column, isClass: targets[index].isText) }
        do {
            guard try targets[index].append(field, reader) else { throw isNoNumber(reader, column) }
        } catch let error as EspalierError {
            throw error.located(at: place(reader, column))
        }
    }

    private func checkFieldCount(_ reader: borrowing CSVReader) throws {
        let fields = reader.fields
        guard fields.count == columns.count else {
            throw EspalierError(
                "\(fields.count) fields", at: "\(path):\(reader.line)",
                expected: "\(columns.count), as in \(hasHeader ? "the header" : "the first row")",
                fix: fields.count > columns.count ? "put quotes around a field that has a comma in it" : nil)
        }
    }

    /// Reserves memory for the rows to come, judged by those so far, so that growing does not copy everything again.
    private mutating func reserveMemory(after count: Int, _ reader: borrowing CSVReader, _ rows: inout CSVRows) {
        let expected = Double(reader.file.size) / Double(reader.bytesRead) * Double(count) * 1.02
        guard expected > Double(count) else { return }
        rows.reserveCapacity(Int(expected))
        for index in targets.indices { targets[index].reserveCapacity(Int(expected)) }
    }
}
