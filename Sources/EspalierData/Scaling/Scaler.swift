import EspalierSpec

/// A scaling with its statistics: `y = (x - offset) * factor`, one pair per column; what is missing (NaN) is filled in
/// first.
///
/// The statistics are computed in double precision. The standard deviation is that of the population (divided by n). A
/// column that is constant over the rows it was fitted on has factor 0: it becomes 0 wherever it is applied, and the
/// inverse restores the constant.
public struct Scaler: Codable, Hashable, Sendable {
    public let offset: [Double]
    public let factor: [Double]
    /// How many consecutive numbers share a column: 1 for tables, H x W for images, a whole sample for `unit`.
    public let columnSize: Int
    /// What is filled in at each position of a sample, nothing where nothing can be missing; nothing at all where that
    /// holds for every position.
    public internal(set) var fills: [Float?]?

    /// Fits the inputs of `dataset`, which should be the training rows alone.
    ///
    /// Images `[C, H, W]` have one column per channel, so that a pixel's meaning does not depend on where it is; other
    /// samples have one per number.
    ///
    /// - Throws: `EspalierError` for `unit` where the data has no known range, and where a store cannot be read.
    public init(_ scaling: Scaling, fittingInputsOf dataset: Dataset) throws {
        let size = dataset.sampleSize
        let columns = dataset.sampleShape.count == 3 ? dataset.sampleShape[0] : size
        switch scaling {
        case .none: self.init(columnSize: size, columns: [(0, 1)])
        case .unit:
            guard let range = dataset.inputRange else { throw Self.noKnownRange("scale", of: dataset.name) }
            self.init(columnSize: size, columns: [Self.unitRange(Double(range.lowerBound), Double(range.upperBound))])
        case .minMax, .standard:
            let statistics = try ColumnStatistics(columns: columns, columnSize: size / columns) {
                try dataset.forEachBlock($0)
            }
            self.init(scaling, fitting: statistics, columnSize: size / columns)
        }
    }

    /// Fits the target values of `dataset`, which should be the training rows alone.
    ///
    /// - Throws: `EspalierError` where the targets are classes, or for `unit`, since targets have no known range.
    public init(_ scaling: Scaling, fittingTargetsOf dataset: Dataset) throws {
        guard case .values(let values, let width, _) = dataset.targets else {
            throw EspalierError(
                "targetScale is \(scaling.rawValue), but the targets are classes", at: dataset.name,
                expected: "targetScale only for regression", fix: "leave targetScale out")
        }
        switch scaling {
        case .none: self.init(columnSize: width, columns: [(0, 1)])
        case .unit: throw Self.noKnownRange("targetScale", of: dataset.name)
        case .minMax, .standard:
            self.init(scaling, fitting: ColumnStatistics(of: values, columns: width, columnSize: 1), columnSize: 1)
        }
    }

    /// Fills in what is missing, and leaves everything as it is.
    init(filling fills: [Float?]) {
        self.init(columnSize: fills.count, columns: [(0, 1)])
        self.fills = fills
    }

    private init(columnSize: Int, columns: [(offset: Double, factor: Double)]) {
        self.columnSize = columnSize
        offset = columns.map(\.offset)
        factor = columns.map(\.factor)
    }

    private init(_ scaling: Scaling, fitting statistics: ColumnStatistics, columnSize: Int) {
        self.init(
            columnSize: columnSize,
            columns: statistics.mean.indices.map { column in
                let low = Double(statistics.minimum[column]), high = Double(statistics.maximum[column])
                if low == high { return (low, 0) }
                return scaling == .minMax
                    ? Self.unitRange(low, high)
                    : (statistics.mean[column], 1 / statistics.variance[column].squareRoot())
            })
    }

    /// Whether it scales samples of `size` numbers: what was read from a file may not.
    public func fits(_ size: Int) -> Bool {
        guard !offset.isEmpty, offset.count == factor.count, columnSize > 0, fills.map({ $0.count == size }) ?? true
        else { return false }
        let (columns, overflow) = offset.count.multipliedReportingOverflow(by: columnSize)
        return !overflow && size % columns == 0
    }

    /// Scales `values`, whole samples one after the other, in place.
    public func apply(to values: inout [Float]) {
        values.withUnsafeMutableBufferPointer { apply(to: $0) }
    }

    /// Scales `values`, whole samples one after the other, in place.
    public func apply(to values: UnsafeMutableBufferPointer<Float>) {
        if let fills { Self.fill(fills, in: values) }
        mapColumns(of: values) { ($0 - $1) * $2 }
    }

    /// Puts at each position of a sample what `fills` has for it, where that is missing.
    private static func fill(_ fills: [Float?], in values: UnsafeMutableBufferPointer<Float>) {
        for (position, fill) in fills.enumerated() {
            guard let fill else { continue }
            for index in stride(from: position, to: values.count, by: fills.count) where values[index].isNaN {
                values[index] = fill
            }
        }
    }

    /// What becomes of `value` in column number `column`.
    public func scaled(_ value: Float, column: Int) -> Float {
        Float((Double(value) - offset[column]) * factor[column])
    }

    /// Undoes `apply`, up to rounding.
    public func invert(_ values: inout [Float]) {
        values.withUnsafeMutableBufferPointer { values in
            mapColumns(of: values) { $2 == 0 ? $1 : $0 / $2 + $1 }
        }
    }

    /// Undoes `apply` for differences of values, such as standard deviations, which the offset does not move.
    public func invertDifferences(_ values: inout [Float]) {
        values.withUnsafeMutableBufferPointer { values in
            mapColumns(of: values) { $2 == 0 ? 0 : $0 / $2 }
        }
    }

    /// Replaces every number by `transform(number, offset, factor)` of its column.
    @inline(__always)
    private func mapColumns(
        of values: UnsafeMutableBufferPointer<Float>, _ transform: (Double, Double, Double) -> Double
    ) {
        let columns = offset.count, size = columns * columnSize
        precondition(values.count % size == 0, "whole samples are scaled")
        offset.withUnsafeBufferPointer { offset in
            factor.withUnsafeBufferPointer { factor in
                for start in stride(from: 0, to: values.count, by: size) {
                    // Columns of one number are a loop over neighbours in memory; so is each column of many.
                    if columnSize == 1 {
                        for column in 0..<columns {
                            values[start + column] = Float(
                                transform(Double(values[start + column]), offset[column], factor[column]))
                        }
                        continue
                    }
                    for column in 0..<columns {
                        let first = start + column * columnSize, offset = offset[column], factor = factor[column]
                        for index in first..<first + columnSize {
                            values[index] = Float(transform(Double(values[index]), offset, factor))
                        }
                    }
                }
            }
        }
    }

    private static func unitRange(_ low: Double, _ high: Double) -> (offset: Double, factor: Double) {
        (low, 1 / (high - low))
    }

    private static func noKnownRange(_ key: String, of name: String) -> EspalierError {
        EspalierError(
            "\(key) is unit, but the range of the values is not known", at: name,
            expected: "none, minMax or standard", fix: "\(key): minMax takes the range from the training rows")
    }
}
