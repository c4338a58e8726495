import EspalierSpec

/// Samples with their targets: 32-bit numbers in memory, or in a store that is read sample by sample.
///
/// This is what every source yields, and what is split, scaled and cut into batches:
/// source → `Dataset` → `SplitSpecification` → `DataSplit` → `Scaler` → `DataOrder` and `Batches` → `copyBatch`.
/// A dataset has at least one row and every number in it is finite, but for those that its `gaps` name, until they are
/// filled; whoever holds one need not check again.
public struct Dataset: Sendable, Equatable {
    /// What the data is called in messages and reports.
    public let name: String
    /// The shape of one sample without the batch: `[64]` for a table of 64 features, `[C, H, W]` for images.
    public let sampleShape: [Int]
    var samples: Samples
    public internal(set) var targets: Targets
    /// One name per number of a sample, or none at all.
    public let featureNames: [String]
    /// The range that the inputs are known to lie in, such as 0...16 for `digits`; used by `scale: unit`.
    public internal(set) var inputRange: ClosedRange<Float>?
    /// Which numbers of a sample may be missing, which is NaN; `DataSplit.scale` fills them in.
    public internal(set) var gaps: [Gap]
    private(set) var origin = Origin()

    /// What a model is to predict.
    public enum Targets: Sendable, Equatable {
        /// Labels, indices into the classes' `names`: one per sample, or for each sample as many, such as one for every step
        /// of a sequence.
        case classes([Int32], names: [String])
        /// `width` numbers per sample, row-major, each column with its name.
        case values([Float], width: Int, names: [String])
    }

    /// Checks the data and takes it over.
    ///
    /// - Throws: `EspalierError` naming the row (counted from 1) and the column, where there are no rows, a number is
    ///   not finite or outside `inputRange`, a label names no class, or lengths do not fit each other.
    public init(
        name: String, sampleShape: [Int], inputs: [Float], targets: Targets, featureNames: [String] = [],
        inputRange: ClosedRange<Float>? = nil, gaps: [Gap] = []
    ) throws {
        self.name = name
        self.sampleShape = sampleShape
        samples = .memory(inputs)
        self.targets = targets
        self.featureNames = featureNames
        self.inputRange = inputRange
        self.gaps = gaps
        try validate()
    }

    /// Samples that stay where they are and are read when a batch is made.
    ///
    /// Parts of such a dataset are lists of rows, and scaling is done when a sample is read: neither reads nor copies
    /// anything. The store answers for its numbers being finite and within `inputRange`.
    ///
    /// - Throws: `EspalierError` where there are no rows, a label names no class, or lengths do not fit each other.
    public init(
        name: String, sampleShape: [Int], samples store: any SampleStore, targets: Targets,
        featureNames: [String] = [], inputRange: ClosedRange<Float>? = nil, gaps: [Gap] = []
    ) throws {
        self.name = name
        self.sampleShape = sampleShape
        samples = .stored(StoredSamples(store, name: name))
        self.targets = targets
        self.featureNames = featureNames
        self.inputRange = inputRange
        self.gaps = gaps
        try validate()
    }

    /// Which rows of what was read these samples in memory are; nothing for all of them in their order.
    ///
    /// Samples are the same wherever they come from.
    struct Origin: Equatable {
        fileprivate(set) var rows: [Int]?

        static func == (first: Self, second: Self) -> Bool { true }
    }

    /// Takes over parts that are known to be valid.
    private init(_ original: Dataset, samples: Samples, targets: Targets) {
        name = original.name
        sampleShape = original.sampleShape
        featureNames = original.featureNames
        inputRange = original.inputRange
        gaps = original.gaps
        origin = original.origin
        self.samples = samples
        self.targets = targets
    }

    /// The same samples with other targets.
    ///
    /// - Throws: `EspalierError` where a label names no class, a value is not finite, or lengths do not fit.
    public func withTargets(_ targets: Targets) throws -> Dataset {
        let copy = Dataset(self, samples: samples, targets: targets)
        try copy.validateTargets()
        return copy
    }

    /// How many samples there are.
    public var count: Int {
        switch samples {
        case .memory(let values): values.count / sampleSize
        case .stored(let samples): samples.count
        }
    }

    /// How many numbers one sample has.
    public var sampleSize: Int { sampleShape.reduce(1, *) }

    /// How many labels one sample has, one where it is classified as a whole; nothing for values.
    public var labelsPerSample: Int? {
        if case .classes(let labels, _) = targets { labels.count / count } else { nil }
    }

    /// The samples at `rows`, in that order, as a dataset of their own.
    ///
    /// - Precondition: There is at least one row, and each is in `0..<count`.
    public subscript(rows: some Collection<Int>) -> Dataset {
        precondition(!rows.isEmpty, "a dataset has at least one row")
        let rows = Array(rows)
        let targets: Targets =
            switch self.targets {
            case .classes(let labels, let names):
                .classes(selecting(rows, of: labels, width: labels.count / count), names: names)
            case .values(let values, let width, let names):
                .values(selecting(rows, of: values, width: width), width: width, names: names)
            }
        var part = Dataset(self, samples: samples.selecting(rows, size: sampleSize), targets: targets)
        if !isStored { part.origin.rows = origin.rows.map { known in rows.map { known[$0] } } ?? rows }
        return part
    }

    /// The name of number `index` of a sample: its feature's name where there is one, else its position.
    func featureName(_ index: Int) -> String {
        featureNames.isEmpty ? "\(index + 1)" : featureNames[index]
    }
}
