import EspalierSpec

/// Rows of numbers as they are read: in memory as long as they are few, then in a temporary file.
struct CSVRows {
    let width: Int
    /// How many numbers are held in memory at most.
    private let most: Int
    private var memory: [Float] = []
    private var file: SampleFile.Writer?
    private(set) var count = 0

    init(width: Int, most: Int) {
        self.width = width
        self.most = most
    }

    /// - Parameter inMemory: Whether all of them are held in memory, or none; nothing decides by their number.
    init(width: Int, inMemory: Bool?) {
        let most = inMemory.map { $0 ? .max : 0 } ?? ArrayFile.largestInMemory / MemoryLayout<Float>.size
        self.init(width: width, most: most)
    }

    /// Makes room for so many rows, as far as memory is where they go.
    mutating func reserveCapacity(_ rows: Int) {
        let numbers = rows.multipliedReportingOverflow(by: width)
        if !numbers.overflow, numbers.partialValue <= most { memory.reserveCapacity(numbers.partialValue) }
    }

    /// Adds a row.
    ///
    /// - Throws: `EspalierError` where the temporary file cannot be written.
    @inline(__always)
    mutating func append(_ row: UnsafeBufferPointer<Float>) throws {
        count += 1
        if file == nil, memory.count + width <= most {
            memory.append(contentsOf: row)
        } else {
            try putDown(row)
        }
    }

    @inline(never)
    private mutating func putDown(_ row: UnsafeBufferPointer<Float>) throws {
        if file == nil {
            let file = try SampleFile.Writer(width: width)
            try memory.withUnsafeBufferPointer { numbers in
                for start in stride(from: 0, to: numbers.count, by: width) {
                    try file.append(UnsafeBufferPointer(rebasing: numbers[start..<start + width]))
                }
            }
            memory = []
            self.file = file
        }
        try file?.append(row)
    }

    /// The numbers where they are in memory, or the file; nothing can be added after that.
    mutating func finish() throws -> Content {
        if let file { return .file(try file.finish()) }
        defer { memory = [] }
        return .memory(memory)
    }

    enum Content {
        case memory([Float])
        case file(any SampleStore)

        /// As samples as they are.
        func store(width: Int) -> any SampleStore {
            switch self {
            case .memory(let values): MemoryRows(values: values, width: width)
            case .file(let store): store
            }
        }
    }
}

/// Rows in memory that are made into samples as they are asked for.
private struct MemoryRows: SampleStore {
    let values: [Float]
    let width: Int
    var count: Int { values.count / width }

    func read(_ row: Int, into sample: UnsafeMutableBufferPointer<Float>) {
        _ = sample.update(fromContentsOf: values[row * width..<(row + 1) * width])
    }
}

/// Rows of a CSV file of which each becomes a sample when it is asked for; what is missing is NaN there.
struct CSVSamples: SampleStore {
    let rows: any SampleStore
    let layout: CSVLayout
    var count: Int { rows.count }

    func read(_ row: Int, into sample: UnsafeMutableBufferPointer<Float>) throws {
        try read(row..<row + 1, into: sample)
    }

    func read(_ positions: Range<Int>, into samples: UnsafeMutableBufferPointer<Float>) throws {
        let size = layout.rowWidth, width = layout.width
        try withUnsafeTemporaryAllocation(of: Float.self, capacity: positions.count * size) { numbers in
            try rows.read(positions, into: numbers)
            for row in 0..<positions.count {
                layout.encode(
                    UnsafeBufferPointer(rebasing: numbers[row * size..<(row + 1) * size]),
                    into: UnsafeMutableBufferPointer(rebasing: samples[row * width..<(row + 1) * width]))
            }
        }
    }
}
