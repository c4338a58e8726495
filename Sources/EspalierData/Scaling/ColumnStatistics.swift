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
        let size = columns * columnSize
        let count = Double(values.count / columns)
        // Numbers at one position of the sample are added up first, and positions of a column after that, which lets
        // the loop run over neighbours in memory.
        func fold<Number>(
            from initial: Number, _ step: (Number, Float, Int) -> Number, merge: (Number, Number) -> Number
        ) -> [Number] {
            var positions = Array(repeating: initial, count: size)
            positions.withUnsafeMutableBufferPointer { positions in
                values.withUnsafeBufferPointer { values in
                    for start in stride(from: 0, to: values.count, by: size) {
                        for position in 0..<size {
                            positions[position] = step(positions[position], values[start + position], position)
                        }
                    }
                }
            }
            return (0..<columns).map { column in
                positions[(column * columnSize)..<((column + 1) * columnSize)].reduce(initial, merge)
            }
        }
        let mean = fold(from: 0.0, { sum, value, _ in sum + Double(value) }, merge: +).map { $0 / count }
        // A second pass: the sum of squares alone loses all digits where the mean is large beside the deviation.
        let means = mean.flatMap { Array(repeating: $0, count: columnSize) }
        variance = means.withUnsafeBufferPointer { means in
            fold(
                from: 0.0,
                { sum, value, position in
                    let deviation = Double(value) - means[position]
                    return sum + deviation * deviation
                }, merge: +
            ).map { $0 / count }
        }
        self.mean = mean
        minimum = fold(from: Float.infinity, { least, value, _ in value < least ? value : least }, merge: min)
        maximum = fold(from: -Float.infinity, { most, value, _ in value > most ? value : most }, merge: max)
    }
}
