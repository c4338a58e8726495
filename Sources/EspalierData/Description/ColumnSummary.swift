import EspalierSpec

/// What one column of numbers or categories holds.
public struct ColumnSummary: Sendable, Hashable {
    public let name: String
    public let content: Content
    /// How many rows have a value.
    public let count: Int
    /// How many have none.
    public let missing: Int
    /// How many different values there are; nothing where there are more than `mostDistinct`.
    public let distinct: Int?

    public enum Content: Sendable, Hashable {
        /// Numbers: their range, mean and standard deviation (of the population), and how many lie in each of some parts
        /// of the range, all of one width.
        case numbers(range: ClosedRange<Float>, mean: Double, deviation: Double, histogram: [Int])
        /// Categories, the most frequent first, with their numbers of rows.
        case categories([Category])
        /// No value at all.
        case nothing
    }

    /// One category.
    public struct Category: Sendable, Hashable {
        public let name: String
        public let count: Int
    }

    /// Different numbers are counted up to so many.
    public static let mostDistinct = 10_000

    /// Whether it is the same in all rows.
    public var isConstant: Bool { distinct == 1 && missing == 0 }

    /// How many parts of the range a histogram has.
    static let parts = 16
}

/// Counts what several columns hold, in two passes over the rows.
struct ColumnCounter {
    /// A column as it lies in the rows.
    struct Column {
        var name: String
        /// What its numbers are numbers of; nothing for values.
        var categories: [String]?
    }

    private let columns: [Column]
    private var counts: [Int]
    private var missing: [Int]
    private var sums: [Double]
    private var squares: [Double]
    private var least: [Float]
    private var most: [Float]
    private var distinct: [Set<UInt32>]
    private var histograms: [[Int]]

    /// - Parameter forEachBlock: Calls its argument with whole rows, a number for each column, until all were there; NaN
    ///   is a missing value, and -1 no category.
    static func summaries(
        _ columns: [Column], forEachBlock: ((UnsafeBufferPointer<Float>) -> Void) throws -> Void
    ) rethrows -> [ColumnSummary] {
        var counter = ColumnCounter(columns)
        try forEachBlock { counter.addFirst($0) }
        try forEachBlock { counter.addSecond($0) }
        return columns.indices.map { counter.summary($0) }
    }

    private init(_ columns: [Column]) {
        self.columns = columns
        counts = columns.map { _ in 0 }
        missing = counts
        sums = columns.map { _ in 0 }
        squares = sums
        least = columns.map { _ in .infinity }
        most = columns.map { _ in -.infinity }
        distinct = columns.map { _ in [] }
        histograms = columns.map { [Int](repeating: 0, count: $0.categories?.count ?? ColumnSummary.parts) }
    }

    private mutating func addFirst(_ block: UnsafeBufferPointer<Float>) {
        for (column, description) in columns.enumerated() {
            let isCategory = description.categories != nil
            for index in stride(from: column, to: block.count, by: columns.count) {
                let value = block[index]
                guard !value.isNaN else {
                    missing[column] += 1
                    continue
                }
                counts[column] += 1
                if isCategory {
                    if value >= 0 { histograms[column][Int(value)] += 1 }
                    continue
                }
                sums[column] += Double(value)
                least[column] = min(least[column], value)
                most[column] = max(most[column], value)
                // Zero and its negative are one value.
                if distinct[column].count <= ColumnSummary.mostDistinct {
                    distinct[column].insert((value + 0).bitPattern)
                }
            }
        }
    }

    private mutating func addSecond(_ block: UnsafeBufferPointer<Float>) {
        for (column, description) in columns.enumerated() where description.categories == nil && counts[column] > 0 {
            let mean = sums[column] / Double(counts[column])
            let low = Double(least[column]), width = Double(most[column]) - low
            for index in stride(from: column, to: block.count, by: columns.count) where !block[index].isNaN {
                let value = Double(block[index])
                squares[column] += (value - mean) * (value - mean)
                let part = width > 0 ? Int((value - low) / width * Double(ColumnSummary.parts)) : 0
                histograms[column][min(part, ColumnSummary.parts - 1)] += 1
            }
        }
    }

    private func summary(_ column: Int) -> ColumnSummary {
        var found: Int? = distinct[column].count > ColumnSummary.mostDistinct ? nil : distinct[column].count
        let content: ColumnSummary.Content
        if let names = columns[column].categories {
            let categories = zip(names, histograms[column]).map { ColumnSummary.Category(name: $0, count: $1) }
            found = categories.count { $0.count > 0 }
            content = .categories(
                categories.enumerated().sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }
                    .map(\.element))
        } else if counts[column] > 0 {
            let count = Double(counts[column])
            content = .numbers(
                range: least[column]...most[column], mean: sums[column] / count,
                deviation: (squares[column] / count).squareRoot(), histogram: histograms[column])
        } else {
            content = .nothing
        }
        return ColumnSummary(
            name: columns[column].name, content: content, count: counts[column], missing: missing[column],
            distinct: found)
    }
}
