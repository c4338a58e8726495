/// An order of rows cut into batches of `size`; the last one is smaller where the rows do not divide evenly.
///
/// A batch can be reached by its position, so that a training resumes where it stopped.
public struct Batches: RandomAccessCollection, Sendable {
    public let order: [Int]
    public let size: Int
    /// Whether a last batch of fewer than `size` rows is left out.
    public let dropLast: Bool

    /// - Precondition: `size` is at least 1.
    public init(_ order: [Int], size: Int, dropLast: Bool = false) {
        precondition(size > 0, "a batch has at least one row")
        self.order = order
        self.size = size
        self.dropLast = dropLast
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { order.count / size + (dropLast || order.count % size == 0 ? 0 : 1) }

    /// The rows of batch number `position`.
    public subscript(position: Int) -> ArraySlice<Int> {
        precondition(indices.contains(position), "batch \(position) is outside 0..<\(endIndex)")
        let start = position * size
        return order[start..<start + Swift.min(size, order.count - start)]
    }
}
