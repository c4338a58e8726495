/// Numbers of a sample that may be missing, which is NaN until they are filled in from the training rows.
public struct Gap: Hashable, Sendable {
    /// Which numbers of a sample these are: one, or those that say which category it is of, which are missing together.
    public var positions: Range<Int>
    public var fill: Fill

    /// What is filled in.
    public enum Fill: String, CaseIterable, Hashable, Sendable {
        /// The mean of what is there.
        case mean
        /// The middle of what is there, in its order; the mean of the two in the middle of an even number.
        case median
        /// The most frequent value, the smallest of several; or the most frequent category, the first of several.
        case mode
    }

    public init(positions: Range<Int>, fill: Fill) {
        self.positions = positions
        self.fill = fill
    }
}
