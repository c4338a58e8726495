import EspalierSpec

/// Samples with their targets, held in memory as 32-bit numbers.
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
    /// All samples, one after the other, each in row-major order: `[count, product of sampleShape]`.
    public internal(set) var inputs: [Float]
    public internal(set) var targets: Targets
    /// One name per number of a sample, or none at all.
    public let featureNames: [String]
    /// The range that the inputs are known to lie in, such as 0...16 for `digits`; used by `scale: unit`.
    public internal(set) var inputRange: ClosedRange<Float>?
    /// Which numbers of a sample may be missing, which is NaN; `DataSplit.scale` fills them in.
    public internal(set) var gaps: [Gap]

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
        self.inputs = inputs
        self.targets = targets
        self.featureNames = featureNames
        self.inputRange = inputRange
        self.gaps = gaps
        try validate()
    }

    /// Takes over parts that are known to be valid.
    private init(_ original: Dataset, inputs: [Float], targets: Targets) {
        name = original.name
        sampleShape = original.sampleShape
        featureNames = original.featureNames
        inputRange = original.inputRange
        gaps = original.gaps
        self.inputs = inputs
        self.targets = targets
    }

    /// How many samples there are.
    public var count: Int { inputs.count / sampleSize }

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
        let targets: Targets =
            switch self.targets {
            case .classes(let labels, let names):
                .classes(selecting(rows, of: labels, width: labels.count / count), names: names)
            case .values(let values, let width, let names):
                .values(selecting(rows, of: values, width: width), width: width, names: names)
            }
        return Dataset(self, inputs: selecting(rows, of: inputs, width: sampleSize), targets: targets)
    }

    /// Copies the samples at `rows`, in that order, to where a training step reads them, without allocating.
    ///
    /// - Parameters:
    ///   - rows: Numbers of samples.
    ///   - inputs: Room for `rows.count * sampleSize` numbers.
    ///   - targets: Room for the labels (`Int32`) of these samples, or for `rows.count * width` values (`Float`).
    /// - Precondition: Each row is in `0..<count`.
    @inlinable
    public func copyBatch(
        _ rows: some Collection<Int>, inputs: UnsafeMutablePointer<Float>, targets: UnsafeMutableRawPointer
    ) {
        copyRows(rows, of: self.inputs, width: sampleSize, to: inputs)
        switch self.targets {
        case .classes(let labels, _): copyRows(rows, of: labels, width: labels.count / count, to: targets)
        case .values(let values, let width, _): copyRows(rows, of: values, width: width, to: targets)
        }
    }

    /// The name of number `index` of a sample: its feature's name where there is one, else its position.
    func featureName(_ index: Int) -> String {
        featureNames.isEmpty ? "\(index + 1)" : featureNames[index]
    }
}

/// Copies rows of `width` elements to `destination`, one after the other.
@inlinable
func copyRows<Element: BitwiseCopyable>(
    _ rows: some Collection<Int>, of source: [Element], width: Int, to destination: UnsafeMutableRawPointer
) {
    let stride = width * MemoryLayout<Element>.stride
    source.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        let available = bytes.count / stride
        var target = destination
        for row in rows {
            precondition(row >= 0 && row < available, "row \(row) is outside 0..<\(available)")
            target.copyMemory(from: base + row * stride, byteCount: stride)
            target += stride
        }
    }
}

private func selecting<Element: BitwiseCopyable>(
    _ rows: some Collection<Int>, of source: [Element], width: Int
) -> [Element] {
    let count = rows.count * width
    return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
        if let base = buffer.baseAddress { copyRows(rows, of: source, width: width, to: base) }
        initialized = count
    }
}
