/// Mean, population variance, minimum and maximum of each column, in double precision.
struct ColumnStatistics {
    let mean: [Double]
    let variance: [Double]
    let minimum: [Float]
    let maximum: [Float]

    /// - Parameters:
    ///   - values: Samples of `columns * columnSize` numbers, one after the other; at least one.
    ///   - columnSize: How many consecutive numbers of a sample belong to one column.
    init(of values: [Float], columns: Int, columnSize: Int) {
        self.init(columns: columns, columnSize: columnSize) { body in values.withUnsafeBufferPointer(body) }
    }

    /// The same of samples that come some at a time; how they are cut into blocks changes nothing.
    ///
    /// - Parameter forEachBlock: Calls its argument with whole samples until all were there, in the same order each time.
    init(
        columns: Int, columnSize: Int, forEachBlock: ((UnsafeBufferPointer<Float>) -> Void) throws -> Void
    ) rethrows {
        let size = columns * columnSize
        // Numbers at one position of the sample are added up first, and positions of a column after that, which lets the
        // loops run over neighbours in memory.
        var sums = [Double](repeating: 0, count: size)
        var least = [Float](repeating: .infinity, count: size), most = [Float](repeating: -.infinity, count: size)
        var count = 0
        try forEachBlock { values in
            count += values.count / size
            Self.forEachSample(of: values, size) { start in
                for position in 0..<size {
                    let value = values[start + position]
                    sums[position] += Double(value)
                    least[position] = value < least[position] ? value : least[position]
                    most[position] = value > most[position] ? value : most[position]
                }
            }
        }
        func gather<Number>(_ positions: [Number], _ initial: Number, _ merge: (Number, Number) -> Number) -> [Number] {
            (0..<columns).map { positions[($0 * columnSize)..<(($0 + 1) * columnSize)].reduce(initial, merge) }
        }
        let columnCount = Double(count * columnSize)
        mean = gather(sums, 0, +).map { $0 / columnCount }
        minimum = gather(least, .infinity, min)
        maximum = gather(most, -.infinity, max)

        // A second pass: the sum of squares alone loses all digits where the mean is large beside the deviation.
        let means = mean.flatMap { Array(repeating: $0, count: columnSize) }
        var squares = [Double](repeating: 0, count: size)
        try forEachBlock { values in
            Self.forEachSample(of: values, size) { start in
                for position in 0..<size {
                    let deviation = Double(values[start + position]) - means[position]
                    squares[position] += deviation * deviation
                }
            }
        }
        variance = gather(squares, 0, +).map { $0 / columnCount }
    }

    @inline(__always)
    private static func forEachSample(of values: UnsafeBufferPointer<Float>, _ size: Int, _ body: (Int) -> Void) {
        for start in stride(from: 0, to: values.count, by: size) { body(start) }
    }
}
