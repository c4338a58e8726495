/// Mean, population variance, minimum and maximum of each column, in double precision.
struct ColumnStatistics {
    private(set) var mean: [Double]
    private(set) var variance: [Double]
    private(set) var minimum: [Float]
    private(set) var maximum: [Float]

    /// - Parameters:
    ///   - values: Samples of `columns * columnSize` numbers, one after the other; at least one.
    ///   - columnSize: How many consecutive numbers of a sample belong to one column.
    init(of values: [Float], columns: Int, columnSize: Int) {
        mean = Array(repeating: 0, count: columns)
        variance = mean
        minimum = Array(repeating: .infinity, count: columns)
        maximum = Array(repeating: -.infinity, count: columns)
        let count = Double(values.count / columns)
        // Two passes: the sum of squares alone loses all digits where the mean is large beside the deviation.
        Self.forEach(of: values, columns, columnSize) { column, value in
            mean[column] += Double(value)
            minimum[column] = min(minimum[column], value)
            maximum[column] = max(maximum[column], value)
        }
        for column in mean.indices { mean[column] /= count }
        Self.forEach(of: values, columns, columnSize) { column, value in
            let deviation = Double(value) - mean[column]
            variance[column] += deviation * deviation
        }
        for column in mean.indices { variance[column] /= count }
    }

    private static func forEach(
        of values: [Float], _ columns: Int, _ columnSize: Int, _ body: (_ column: Int, _ value: Float) -> Void
    ) {
        var index = 0
        while index < values.count {
            for column in 0..<columns {
                for _ in 0..<columnSize {
                    body(column, values[index])
                    index += 1
                }
            }
        }
    }
}
