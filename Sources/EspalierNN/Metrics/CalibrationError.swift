import EspalierGraph
import EspalierSpec

/// How far the probability of the predicted class is from the share of right ones, on average.
///
///     ECE = sum_b |B_b| / n |accuracy(B_b) - confidence(B_b)|
///
/// B_b are the samples whose largest probability lies in ((b - 1) / bins, b / bins]. 15 bins as in the source. Few
/// samples make it too large, as each bin's share has chance in it.
///
/// Use it beside accuracy, where probabilities are acted upon. It can be 0 for a model that says nothing but
/// frequencies.
///
/// Source: Guo, Pleiss, Sun and Weinberger 2017, "On calibration of modern neural networks".
public struct CalibrationError: Metric {
    public var bins = 15

    public static let name = "calibrationError"
    public static let summary = "Mean distance of the predicted class's probability from the share of right ones"
    public static let fields = [Field("bins", \Self.bins, "how many ranges of probability", in: 1...)]
    public static let target = TargetKind.classes
    public static let isHigherBetter = false
    public static let takesProbabilities = true

    public init() {}

    public init(bins: Int) { self.bins = bins }

    /// The largest probability, and whether it is that of the label.
    public func record(_ probabilities: Tensor, _ labels: Tensor) -> Tensor {
        let isRight = (probabilities.argumentMaximum() .== labels).cast(to: .float32)
        return .concatenate(
            [probabilities.max(axes: [-1]), isRight].map { $0.flattened().expanded(at: -1) }, axis: 1)
    }

    public func value(of records: MetricRecords) -> Double {
        var differences = [Double](repeating: 0, count: bins)
        for (confidence, isRight) in zip(records.column(0), records.column(1)) {
            guard confidence.isFinite else { return .nan }
            let bin = Int((confidence * Double(bins)).rounded(.up)) - 1
            differences[min(max(bin, 0), bins - 1)] += isRight - confidence
        }
        return differences.reduce(0) { $0 + abs($1) } / Double(records.count)
    }
}
