import EspalierSpec

/// One of the equal parts that a cross-validation divides the rows of train and validation into, test apart: that part is
/// validation, the others are train.
///
/// Parts differ in size by one row at most; where the split is stratified, so do each class's rows in them. Rows that are
/// taken in their order are cut into blocks.
///
/// Source: Stone 1974, "Cross-validatory choice and assessment of statistical predictions"; stratified as Kohavi 1995.
public struct Fold: Specification {
    /// From 1.
    public var number = 1
    /// How many parts there are.
    public var of = 5

    public static let name = "fold"
    public static let summary = "One of the parts of a cross-validation"
    public static let fields = [
        Field("number", \Self.number, "which part is validation, from 1", in: 1...),
        Field("of", \Self.of, "how many parts there are", in: 2...),
    ]

    public init() {}

    public init(_ number: Int, of count: Int) {
        self.number = number
        self.of = count
    }

    public func validate() throws {
        guard number > of else { return }
        throw EspalierError("fold \(number) of \(of)", expected: "a number from 1 to \(of)")
    }

    /// Divides rows into train and validation, both in rising order.
    ///
    /// - Parameters:
    ///   - groups: The rows of each class, or all in one, in the order in which they are dealt out.
    ///   - inBlocks: Whether each part is a stretch of them.
    /// - Throws: `EspalierError` where there are fewer rows than parts.
    func divide(_ groups: [[Int]], inBlocks: Bool) throws -> (train: [Int], validation: [Int]) {
        let rows = Array(groups.joined())
        guard of <= rows.count else {
            throw EspalierError(
                "\(rows.count) rows for train and validation do not make \(of) folds",
                expected: "at most \(rows.count) folds")
        }
        func isOut(_ position: Int) -> Bool {
            inBlocks
                ? ((number - 1) * rows.count / of..<number * rows.count / of).contains(position)
                : position % of == number - 1
        }
        let train = rows.indices.filter { !isOut($0) }, validation = rows.indices.filter(isOut)
        return (train.map { rows[$0] }.sorted(), validation.map { rows[$0] }.sorted())
    }
}
