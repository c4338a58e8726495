import EspalierSpec

/// What a source holds: how many samples, what their columns or images and their targets are like.
public struct DataDescription: Sendable {
    public let name: String
    public let samples: Int
    /// How many samples the test set has that the data was published with; nothing where it has none.
    public let testSamples: Int?
    public let sampleShape: [Int]
    public let task: CSVSource.Task
    /// Of tables; none for images and other arrays.
    public let features: [ColumnSummary]
    /// The classes, or each of the values to predict.
    public let targets: [ColumnSummary]
    /// How many samples are the same as an earlier one, target included.
    public let duplicates: Int
    /// How many rows have no target.
    public let withoutTarget: Int
    public let images: ImageSummary?

    /// Looks at all of a source.
    ///
    /// Values that are missing from a CSV file are counted, whatever its settings do about them, and its categories may be
    /// any number.
    ///
    /// - Throws: `EspalierError` as loading the source does.
    public init(of source: any DataSource, relativeTo folder: String) throws {
        if let table = source as? CSVSource {
            try self.init(table.table(relativeTo: folder))
        } else {
            let (rest, test) = try source.loadParts(relativeTo: folder)
            try self.init(rest, test: test)
        }
    }

    private init(_ table: CSVTable) throws {
        try self.init(
            table.rowsAsRead(), test: nil, sampleShape: [table.layout.width], columns: table.describedColumns,
            withoutTarget: table.droppedRows)
    }

    /// Looks at all of a dataset, and counts the samples of the test set that comes with it.
    ///
    /// - Throws: `EspalierError` where samples cannot be read.
    public init(_ dataset: Dataset, test: Dataset? = nil) throws {
        let isTable = dataset.sampleShape.count == 1
        let columns = (0..<(isTable ? dataset.sampleSize : 0)).map {
            ColumnCounter.Column(name: dataset.featureName($0))
        }
        try self.init(dataset, test: test, sampleShape: dataset.sampleShape, columns: columns, withoutTarget: 0)
    }

    private init(
        _ dataset: Dataset, test: Dataset?, sampleShape: [Int], columns: [ColumnCounter.Column], withoutTarget: Int
    ) throws {
        name = dataset.name
        samples = dataset.count
        testSamples = test?.count
        self.sampleShape = sampleShape
        self.withoutTarget = withoutTarget
        features =
            columns.isEmpty
            ? [] : try ColumnCounter.summaries(columns) { body in try dataset.forEachBlock(body) }
        (task, targets) = Self.targets(of: dataset.targets)
        duplicates = try Self.duplicates(in: dataset)
        images = try ImageSummary(of: dataset)
    }

    private static func targets(of targets: Dataset.Targets) -> (CSVSource.Task, [ColumnSummary]) {
        switch targets {
        case .classes(let labels, let names):
            let column = ColumnCounter.Column(name: "class", categories: names)
            return (
                .classification,
                ColumnCounter.summaries([column]) { body in
                    labels.map { Float($0) }.withUnsafeBufferPointer(body)
                }
            )
        case .values(let values, _, let names):
            let columns = names.map { ColumnCounter.Column(name: $0) }
            return (.regression, ColumnCounter.summaries(columns) { values.withUnsafeBufferPointer($0) })
        }
    }

    /// Samples whose numbers and target, mixed to 64 bits, were there before.
    private static func duplicates(in dataset: Dataset) throws -> Int {
        var known: Set<UInt64> = []
        let size = dataset.sampleSize
        var row = 0
        try dataset.forEachBlock { block in
            for start in stride(from: 0, to: block.count, by: size) {
                var mixed = Mixture()
                for index in start..<start + size { mixed.add(block[index].bitPattern) }
                switch dataset.targets {
                case .classes(let labels, _):
                    let width = labels.count / dataset.count
                    for label in labels[row * width..<(row + 1) * width] { mixed.add(UInt32(bitPattern: label)) }
                case .values(let values, let width, _):
                    for value in values[row * width..<(row + 1) * width] { mixed.add(value.bitPattern) }
                }
                known.insert(mixed.bits)
                row += 1
            }
        }
        return dataset.count - known.count
    }

    /// 64 bits that nearly always differ where something that was added does.
    private struct Mixture {
        var bits: UInt64 = 0

        mutating func add(_ more: UInt32) {
            bits = (bits ^ UInt64(more)) &* 0x9E37_79B9_7F4A_7C15
            bits ^= bits >> 29
        }
    }
}

extension CSVSource {
    /// All of the file, with everything that is missing left open, and rows without a target left out.
    fileprivate func table(relativeTo folder: String) throws -> CSVTable {
        try validate()
        var source = self
        source.categoryLimit = .max
        source.unknown = .zeros
        source.missing = PerColumn(.fitted(.mode))
        source.missingIndicator = PerColumn(false)
        return try CSVTable(source, from: open(relativeTo: folder), dropsTargets: true)
    }
}
