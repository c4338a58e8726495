import EspalierGraph
import EspalierSpec

/// The probability that a sample of a class is given a higher probability of it than one of another class: the area
/// under the curve of true against false positives.
///
///     (sum of the ranks of the n_1 samples of the class - n_1 (n_1 + 1) / 2) / (n_1 n_0)        equals share their ranks
///
/// Two classes have one such curve; for more it is the mean over the classes, each against all others. A class that no
/// sample has, or every one, is left out; where that is all of them the area is NaN. 0.5 is chance.
///
/// Use it for how well classes are told apart whatever the threshold, also where one is rare; not for how right the
/// probabilities are.
///
/// Sources: Mann and Whitney 1947; Hanley and McNeil 1982, "The meaning and use of the area under a receiver operating
/// characteristic (ROC) curve".
public struct AreaUnderCurve: Metric {
    public static let name = "auc"
    public static let summary = "Area under the curve of true against false positives; mean over classes"
    public static let fields: [Field<Self>] = []
    public static let target = TargetKind.classes
    public static let isHigherBetter = true
    public static let takesProbabilities = true

    public init() {}

    /// The probability of each class, then the label.
    public func record(_ probabilities: Tensor, _ labels: Tensor) -> Tensor {
        let classes = probabilities.lastExtent
        return .concatenate(
            [
                probabilities.reshaped(to: [labels.count, classes]),
                labels.cast(to: .float32).reshaped(to: [labels.count, 1]),
            ], axis: 1)
    }

    public func value(of records: MetricRecords) -> Double {
        let classes = records.width - 1
        let labels = records.column(classes)
        // The areas of two classes are one and the same.
        let areas = (classes == 2 ? 1..<2 : 0..<classes).compactMap { number in
            area(records.column(number), labels.map { $0 == Double(number) })
        }
        return areas.isEmpty ? .nan : areas.reduce(0, +) / Double(areas.count)
    }

    private func area(_ scores: [Double], _ isOfClass: [Bool]) -> Double? {
        let positives = isOfClass.count { $0 }, negatives = scores.count - positives
        guard positives > 0, negatives > 0, scores.allSatisfy({ !$0.isNaN }) else { return nil }
        let order = scores.indices.sorted { scores[$0] < scores[$1] }
        var sum = 0.0, start = 0
        while start < order.count {
            var end = start
            while end < order.count, scores[order[end]] == scores[order[start]] { end += 1 }
            let rank = Double(start + end + 1) / 2
            for position in start..<end where isOfClass[order[position]] { sum += rank }
            start = end
        }
        let own = Double(positives) * Double(positives + 1) / 2
        return (sum - own) / (Double(positives) * Double(negatives))
    }
}
