import EspalierData

/// What each number of a sample is over the training rows, as the network sees them.
struct ColumnPictures {
    let mean: [Double]
    let deviation: [Double]
    let minimum: [Float]
    let maximum: [Float]
    /// Equal for columns that are equal in every row.
    let fingerprint: [UInt64]
    /// How many rows were looked at.
    let rows: Int

    /// - Throws: `EspalierError` where a row cannot be read.
    init(of dataset: Dataset, rows: [Int]) throws {
        let size = dataset.sampleSize
        var first: [Double] = [], sums = [Double](repeating: 0, count: size), squares = sums
        var least = [Float](repeating: .infinity, count: size), most = [Float](repeating: -.infinity, count: size)
        var fingerprint = [UInt64](repeating: 0, count: size)
        try dataset.forEachBlock(of: rows) { block in
            // Sums of differences from the first row keep their digits where the mean is large beside the deviation.
            if first.isEmpty { first = block.prefix(size).map(Double.init) }
            for start in stride(from: 0, to: block.count, by: size) {
                for column in 0..<size {
                    let value = block[start + column], difference = Double(value) - first[column]
                    sums[column] += difference
                    squares[column] += difference * difference
                    least[column] = value < least[column] ? value : least[column]
                    most[column] = value > most[column] ? value : most[column]
                    fingerprint[column] = fingerprint[column].mixed(with: value)
                }
            }
        }
        let count = Double(rows.count)
        self.rows = rows.count
        self.fingerprint = fingerprint
        (minimum, maximum) = (least, most)
        mean = zip(first, sums).map { $0 + $1 / count }
        deviation = zip(sums, squares).map { max(0, $1 / count - $0 / count * $0 / count).squareRoot() }
    }

    /// Columns with one value in all rows.
    var constant: [Int] { minimum.indices.filter { minimum[$0] == maximum[$0] } }

    /// Root of the mean square of all numbers, about zero.
    var size: Double {
        let squares = zip(mean, deviation).reduce(0.0) { $0 + $1.0 * $1.0 + $1.1 * $1.1 }
        return (squares / Double(mean.count)).squareRoot()
    }
}

extension UInt64 {
    /// A number that tells apart what was mixed in before, and in which order.
    @inline(__always)
    func mixed(with value: Float) -> UInt64 {
        // 0 and -0 are equal.
        (self ^ UInt64((value + 0).bitPattern) ^ self >> 29) &* 0x9E37_79B9_7F4A_7C15
    }
}
