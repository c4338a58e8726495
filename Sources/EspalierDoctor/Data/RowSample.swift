import EspalierData
import EspalierGraph

/// Some rows of a dataset, drawn without replacement, with few enough numbers each that simple models are fitted in a moment.
struct RowSample {
    /// Which rows of the dataset these are.
    let rows: [Int]
    /// As the network sees them, or fewer numbers that stand for these: `rows.count * width`.
    let inputs: [Float]
    let width: Int
    let answers: Answers

    /// What is to be predicted of each row.
    enum Answers {
        case classes([Int], count: Int)
        /// `width` numbers a row.
        case values([Float], width: Int)
    }

    var count: Int { rows.count }

    /// - Parameters:
    ///   - limit: How many rows at most.
    ///   - random: What draws them.
    /// - Returns: Nothing where samples have several labels each.
    /// - Throws: `EspalierError` where a row cannot be read.
    init?(of dataset: Dataset, limit: Int, using random: inout RandomStream) throws {
        guard let answers = Self.answers(of: dataset) else { return nil }
        let order = random.permutation(of: dataset.count)
        rows = Array(order.prefix(limit))
        let reduction = FeatureReduction(dataset.sampleShape)
        width = reduction.width
        var inputs: [Float] = []
        inputs.reserveCapacity(rows.count * width)
        try dataset.forEachBlock(of: rows) { block in
            for start in stride(from: 0, to: block.count, by: dataset.sampleSize) {
                reduction.append(block[start..<start + dataset.sampleSize], to: &inputs)
            }
        }
        self.inputs = inputs
        self.answers = answers(rows)
    }

    /// Of each row only the numbers of these columns.
    func keeping(_ columns: [Int]) -> RowSample {
        RowSample(
            rows: rows,
            inputs: stride(from: 0, to: inputs.count, by: width).flatMap { start in columns.map { inputs[start + $0] }
            },
            width: columns.count, answers: answers)
    }

    /// With the products of every two columns besides, squares too, of columns with mean 0.
    var withProducts: RowSample {
        let standardized = self.standardized
        var inputs: [Float] = []
        for start in stride(from: 0, to: standardized.count, by: width) {
            inputs += standardized[start..<start + width]
            for first in start..<start + width {
                for second in first..<start + width { inputs.append(standardized[first] * standardized[second]) }
            }
        }
        return RowSample(rows: rows, inputs: inputs, width: width + width * (width + 1) / 2, answers: answers)
    }

    private init(rows: [Int], inputs: [Float], width: Int, answers: Answers) {
        self.rows = rows
        self.inputs = inputs
        self.width = width
        self.answers = answers
    }

    /// The numbers of one column.
    func column(_ column: Int) -> [Float] { stride(from: column, to: inputs.count, by: width).map { inputs[$0] } }

    /// Each column with mean 0 and variance 1; constant columns are 0.
    var standardized: [Float] {
        var sums = [Double](repeating: 0, count: width), squares = sums
        for start in stride(from: 0, to: inputs.count, by: width) {
            for column in 0..<width { sums[column] += Double(inputs[start + column]) }
        }
        let means = sums.map { $0 / Double(count) }
        for start in stride(from: 0, to: inputs.count, by: width) {
            for column in 0..<width {
                let deviation = Double(inputs[start + column]) - means[column]
                squares[column] += deviation * deviation
            }
        }
        let factors = squares.map { $0 > 0 ? 1 / ($0 / Double(count)).squareRoot() : 0 }
        var result = inputs
        for start in stride(from: 0, to: inputs.count, by: width) {
            for column in 0..<width {
                result[start + column] = Float((Double(inputs[start + column]) - means[column]) * factors[column])
            }
        }
        return result
    }

    private static func answers(of dataset: Dataset) -> (([Int]) -> Answers)? {
        switch dataset.targets {
        case .classes(let labels, let names):
            guard labels.count == dataset.count else { return nil }
            return { rows in .classes(rows.map { Int(labels[$0]) }, count: names.count) }
        case .values(let values, let width, _):
            return { rows in
                .values(rows.flatMap { values[$0 * width..<($0 + 1) * width] }, width: width)
            }
        }
    }
}

extension Dataset {
    /// Calls `body` with the samples at `rows`, some at a time.
    func forEachBlock(of rows: [Int], _ body: ([Float]) throws -> Void) throws {
        let blockRows = max(1, (1 << 20) / sampleSize)
        var block: [Float] = []
        for start in stride(from: 0, to: rows.count, by: blockRows) {
            let part = rows[start..<min(rows.count, start + blockRows)]
            if block.count != part.count * sampleSize {
                block = [Float](repeating: 0, count: part.count * sampleSize)
            }
            try block.withUnsafeMutableBufferPointer { block in
                if let base = block.baseAddress { try copyInputs(part, to: base) }
            }
            try body(block)
        }
    }
}
