import EspalierGraph
import EspalierSpec

/// What a person reads progress by: a number over a whole set of samples.
///
/// In the graph a metric notes some numbers about each sample; at the end its value is computed from those of all samples,
/// in double precision. So it is that of the set and no mean over batches, also where that is another number, as for
/// F1 or the area under a curve. Where a metric is the mean of one number per sample, it is a `SampleMetric`.
public protocol Metric: Specification {
    static var target: TargetKind { get }
    /// Whether larger is better.
    static var isHigherBetter: Bool { get }
    /// Whether it is a share of independent samples: their number of yes is then binomial, and Wilson's interval holds.
    static var isProportion: Bool { get }
    /// Whether it looks at the probability of each class rather than at the model's outputs as they are.
    static var takesProbabilities: Bool { get }

    /// What is noted about each sample: [samples, numbers].
    func record(_ predictions: Tensor, _ targets: Tensor) -> Tensor

    /// The metric of all samples.
    func value(of records: MetricRecords) -> Double
}

extension Metric {
    public static var isProportion: Bool { false }
    public static var takesProbabilities: Bool { false }
}

/// A metric that is the mean of one number per sample.
public protocol SampleMetric: Metric {
    /// The metric of each sample, [N].
    func callAsFunction(_ predictions: Tensor, _ targets: Tensor) -> Tensor
}

extension SampleMetric {
    public func record(_ predictions: Tensor, _ targets: Tensor) -> Tensor {
        self(predictions, targets).flattened().expanded(at: -1)
    }

    public func value(of records: MetricRecords) -> Double { records.mean }
}

/// What a metric noted about samples, in their order.
public struct MetricRecords: Sendable {
    /// How many numbers there are for each sample.
    public let width: Int
    /// One sample after the other.
    public private(set) var values: [Float]

    public init(width: Int, _ values: [Float] = []) {
        self.width = width
        self.values = values
    }

    /// How many samples there are.
    public var count: Int { values.count / width }

    /// Number `index` of each sample.
    public func column(_ index: Int) -> [Double] {
        stride(from: index, to: values.count, by: width).map { Double(values[$0]) }
    }

    /// The mean over all samples of their first number.
    public var mean: Double { column(0).reduce(0, +) / Double(count) }

    /// Adds samples.
    public mutating func append(_ samples: some Sequence<Float>) { values.append(contentsOf: samples) }

    /// The samples at `rows`, in that order.
    public subscript(rows: [Int]) -> MetricRecords {
        var selected = MetricRecords(width: width)
        selected.values.reserveCapacity(rows.count * width)
        for row in rows { selected.values += values[row * width..<(row + 1) * width] }
        return selected
    }
}

extension Registry where Part == any Metric {
    /// The metrics that Espalier brings.
    public static var standard: Self {
        var registry = Self(kind: "metric")
        registry.register(Accuracy.self) { $0 }
        registry.register(MeanAbsoluteErrorMetric.self) { $0 }
        registry.register(MeanSquaredErrorMetric.self) { $0 }
        registry.register(TopK.self) { $0 }
        registry.register(Precision.self) { $0 }
        registry.register(Recall.self) { $0 }
        registry.register(F1.self) { $0 }
        registry.register(AreaUnderCurve.self) { $0 }
        registry.register(CalibrationError.self) { $0 }
        registry.register(Perplexity.self) { $0 }
        registry.register(RootMeanSquaredError.self) { $0 }
        registry.register(RSquared.self) { $0 }
        return registry
    }
}
