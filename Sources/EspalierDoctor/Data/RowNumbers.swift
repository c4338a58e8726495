import EspalierData

/// The columns of a table that count its rows.
enum RowNumbers {
    static let fewestRows = 50
    /// How many numbers are looked at.
    static let mostNumbers = 1 << 22
    /// How much longer than the rows the count may be, for those that were left out.
    static let gaps = 1.25

    /// Columns whose values, those of all parts together, are different everywhere and rise by one step, or by a few of them
    /// here and there.
    static func columns(of data: DataSplit) throws -> [Int] {
        let parts = [data.train, data.validation, data.test].compactMap { $0 }
        let width = data.train.sampleSize, rows = parts.reduce(0) { $0 + $1.count }
        guard data.train.sampleShape.count == 1, rows >= fewestRows, rows * width <= mostNumbers else { return [] }
        var inputs: [Float] = []
        for part in parts { try part.forEachBlock(of: Array(0..<part.count)) { inputs += $0 } }
        return (0..<width).filter { column in
            isCount(stride(from: column, to: inputs.count, by: width).map { inputs[$0] })
        }
    }

    static func isCount(_ values: [Float]) -> Bool {
        let sorted = values.map(Double.init).sorted()
        let steps = zip(sorted.dropFirst(), sorted).map { $0 - $1 }
        let middle = steps.sorted()[steps.count / 2]
        // Values were rounded when they were read and scaled; of many steps that is nothing any more.
        let single = steps.filter { $0 < 1.5 * middle }
        let step = single.reduce(0, +) / Double(single.count)
        guard middle > 0, steps.reduce(0, +) <= gaps * step * Double(steps.count) else { return false }
        return steps.allSatisfy { $0 > step / 2 && abs($0 / step - ($0 / step).rounded()) < 0.1 }
    }
}
