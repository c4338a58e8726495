import EspalierSpec

/// How the rows of a dataset are divided into train, validation and test: `split:` in a configuration.
///
/// The sizes are shares or counts, not a mix. Shares that are not given take what the others leave, in the proportion
/// 0.7 : 0.15 : 0.15, so that `{train: 0.8}` leaves 0.1 each and `{train: 0.8, validation: 0.2}` leaves no test. With
/// counts, a validation or test that is not given is none. Rows that no part claims are not used.
public struct SplitSpecification: Specification {
    private var given: [SplitSize?] = [nil, nil, nil]
    /// The seed of the assignment, independent of the training's own.
    public var seed = 1
    /// Whether each part has the classes in the proportion of the whole; without effect on regression.
    public var stratify = true
    /// Whether rows are drawn at random; otherwise they are taken in file order, train first, and not stratified.
    public var shuffle = true
    /// Which fold of a cross-validation this is; nothing outside of one.
    public var fold: Fold?

    public init() {}

    public static let name = "split"
    public static let summary = "Divides the rows into train, validation and test"
    public static let fields = [
        Field("train", \Self.train, "share or number of rows to train on"),
        Field("validation", \Self.validation, "share or number of rows to choose the best epoch by, or none"),
        Field("test", \Self.test, "share or number of rows for the final measurement, or none"),
        Field("seed", \Self.seed, "seed of the random assignment", in: 0...),
        Field("stratify", \Self.stratify, "keep the classes' proportions in every part"),
        Field("shuffle", \Self.shuffle, "draw rows at random; false takes them in file order, train first"),
        Field(
            "fold", \Self.fold, "one of several equal parts of train and validation is validation: {number: 1, of: 5}"),
    ]

    /// The size of each part, with what was not given filled in; setting one leaves the others that were not given free.
    public var train: SplitSize {
        get { sizes[0] }
        set { given[0] = newValue }
    }
    public var validation: SplitSize {
        get { sizes[1] }
        set { given[1] = newValue }
    }
    public var test: SplitSize {
        get { sizes[2] }
        set { given[2] = newValue }
    }

    /// The same for data whose test, validation or both are given apart: what they would take is divided among the others, in
    /// their proportion.
    public func without(test: Bool, validation: Bool = false) -> SplitSpecification {
        let kept = [true, !validation, !test], sizes = self.sizes
        let keptShare = shareSum(zip(sizes, kept).map { $1 ? $0 : nil }), all = shareSum(sizes)
        var copy = self
        copy.given = zip(sizes, kept).map { size, isKept in
            guard isKept else { return SplitSize.none }
            if case .share(let part) = size { return .share(min(1, part * all / keptShare)) }
            return size
        }
        return copy
    }

    static let partNames = ["train", "validation", "test"]

    private var sizes: [SplitSize] {
        let hasCounts = given.contains { if case .count = $0 { true } else { false } }
        if hasCounts { return given.map { $0 ?? .none } }
        let weights = [14.0, 3, 3]
        let free = zip(given, weights).reduce(0) { $0 + ($1.0 == nil ? $1.1 : 0) }
        let left = 1 - shareSum(given)
        return zip(given, weights).map { size, weight in
            // Shares such as 0.7 + 0.2 + 0.1 leave a rounding error, not a part.
            size ?? (left > 1e-9 ? .share(left * weight / free) : .none)
        }
    }

    private func shareSum(_ sizes: [SplitSize?]) -> Double {
        sizes.reduce(0) { if case .share(let share) = $1 { $0 + share } else { $0 } }
    }

    public func validate() throws {
        let sizes = sizes
        for size in sizes { try size.validate() }
        let hasCounts = sizes.contains { if case .count = $0 { true } else { false } }
        if hasCounts && shareSum(sizes) > 0 {
            throw EspalierError(
                "the split mixes shares and numbers of rows", expected: "all of one kind",
                fix: "0.7 is a share of the rows, 700 a number of rows")
        }
        if shareSum(sizes) > 1 + 1e-9 {
            throw EspalierError(
                "the shares of the split add up to \(shareSum(sizes))", expected: "at most 1",
                fix: "train: 0.7, validation: 0.15, test: 0.15")
        }
        if sizes[0] == .none {
            throw EspalierError(
                "the split leaves no rows to train on", expected: "a size for train", fix: "train: 0.7, or train: 700")
        }
    }

    /// How many rows of `count` go to train, validation and test.
    ///
    /// Shares are rounded by largest remainder.
    ///
    /// - Throws: `EspalierError` where there are fewer rows than asked for, or a part that was asked for gets none.
    public func partCounts(of count: Int) throws -> [Int] {
        try validate()
        let sizes = sizes
        let quotas = sizes.map { $0.quota(of: count) }
        let total = quotas.reduce(0, +)
        guard total < Double(count) + 0.5 else {
            throw EspalierError(
                "the split asks for more rows than there are (\(count))", expected: "at most \(count) rows in all",
                fix: "give shares instead: train: 0.7, validation: 0.15, test: 0.15")
        }
        let counts = roundedByLargestRemainder(quotas)
        for (part, size) in sizes.enumerated() where counts[part] == 0 {
            guard case .share(let share) = size else { continue }
            let name = Self.partNames[part]
            throw EspalierError(
                "\(name) is empty: its share \(share) of \(count) rows is less than one row",
                expected: "at least one row in every part that is asked for",
                fix: part == 0 ? "a larger share for train" : "\(name): none, or more rows")
        }
        return counts
    }

    /// Specifications are the same where they mean the same, however much of it was left to the defaults.
    public static func == (first: Self, second: Self) -> Bool { first.configuration == second.configuration }
    public func hash(into hasher: inout Hasher) { hasher.combine(configuration) }
}

/// Whole numbers near `quotas` whose sum is that of the quotas, rounded down: each is at most one from its quota.
private func roundedByLargestRemainder(_ quotas: [Double]) -> [Int] {
    // Products such as 0.15 * 20 may fall a rounding error short of a whole number.
    let quotas = quotas.map { abs($0 - $0.rounded()) < 1e-6 ? $0.rounded() : $0 }
    var counts = quotas.map { Int($0) }
    let missing = Int(quotas.reduce(0, +) + 1e-6) - counts.reduce(0, +)
    let byRemainder = quotas.indices.sorted {
        let first = quotas[$0] - quotas[$0].rounded(.down), second = quotas[$1] - quotas[$1].rounded(.down)
        return (first, -$0) > (second, -$1)
    }
    for part in byRemainder.prefix(missing) { counts[part] += 1 }
    return counts
}
