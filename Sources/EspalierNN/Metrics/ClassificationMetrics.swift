import EspalierGraph
import EspalierSpec

/// How numbers of several classes become one.
public enum ClassAverage: String, CaseIterable, ConfigurationRepresentable {
    /// The mean over the classes that occur, each as much as any other.
    case macro
    /// Over all samples: with one class for each sample, the accuracy.
    case micro
}

/// Counts of one class against all others.
struct ClassCounts {
    var truePositives = 0.0, falsePositives = 0.0, falseNegatives = 0.0

    /// The share of samples named so that are so; 0 where none is named so, as in scikit-learn.
    var precision: Double { share(truePositives, of: truePositives + falsePositives) }
    /// The share of samples that are so that are named so; 0 where none is so.
    var recall: Double { share(truePositives, of: truePositives + falseNegatives) }
    /// The harmonic mean of both.
    var f1: Double { share(2 * truePositives, of: 2 * truePositives + falsePositives + falseNegatives) }

    private func share(_ part: Double, of whole: Double) -> Double { whole == 0 ? 0 : part / whole }

    static func + (a: Self, b: Self) -> Self {
        Self(
            truePositives: a.truePositives + b.truePositives, falsePositives: a.falsePositives + b.falsePositives,
            falseNegatives: a.falseNegatives + b.falseNegatives)
    }
}

/// A metric of counts of classes, that notes for each sample the class that was predicted and the right one.
protocol CountingMetric: Metric {
    var average: ClassAverage { get }
    static func value(of counts: ClassCounts) -> Double
}

extension CountingMetric {
    public static var target: TargetKind { .classes }
    public static var isHigherBetter: Bool { true }

    public func record(_ outputs: Tensor, _ labels: Tensor) -> Tensor {
        let pair = [outputs.argumentMaximum(), labels].map { $0.cast(to: .float32).flattened().expanded(at: -1) }
        return .concatenate(pair, axis: 1)
    }

    public func value(of records: MetricRecords) -> Double {
        var counts: [Int: ClassCounts] = [:]
        for (predicted, label) in zip(records.column(0), records.column(1)) {
            if predicted == label {
                counts[Int(label), default: ClassCounts()].truePositives += 1
            } else {
                counts[Int(predicted), default: ClassCounts()].falsePositives += 1
                counts[Int(label), default: ClassCounts()].falseNegatives += 1
            }
        }
        switch average {
        case .micro: return Self.value(of: counts.values.reduce(ClassCounts(), +))
        // In the order of the classes, so that a sum has the same last digit each time.
        case .macro:
            let values = counts.sorted { $0.key < $1.key }.map { Self.value(of: $0.value) }
            return values.reduce(0, +) / Double(values.count)
        }
    }
}

/// Of the samples that are said to be of a class, the share that is: tp / (tp + fp).
///
/// Averaged over the classes that occur among labels or predictions; 0 for a class that is never named, as in
/// scikit-learn. Use it where a false alarm costs.
///
/// Source: van Rijsbergen 1979, "Information retrieval", chapter 7.
public struct Precision: CountingMetric {
    public var average = ClassAverage.macro

    public static let name = "precision"
    public static let summary = "Of the samples that are said to be of a class, the share that is"
    public static let fields = [Field("average", \Self.average, "how classes become one number")]

    public init() {}

    public init(_ average: ClassAverage) { self.average = average }

    static func value(of counts: ClassCounts) -> Double { counts.precision }
}

/// Of the samples of a class, the share that is found: tp / (tp + fn).
///
/// Averaged over the classes that occur among labels or predictions. Use it where missing one costs. The macro average
/// is the balanced accuracy where every predicted class occurs among the labels.
///
/// Source: van Rijsbergen 1979, "Information retrieval", chapter 7.
public struct Recall: CountingMetric {
    public var average = ClassAverage.macro

    public static let name = "recall"
    public static let summary = "Of the samples of a class, the share that is found"
    public static let fields = [Field("average", \Self.average, "how classes become one number")]

    public init() {}

    public init(_ average: ClassAverage) { self.average = average }

    static func value(of counts: ClassCounts) -> Double { counts.recall }
}

/// The harmonic mean of precision and recall: 2 tp / (2 tp + fp + fn).
///
/// Averaged over the classes that occur among labels or predictions. Use it where classes are rare and both kinds of
/// mistakes cost; it says nothing about how sure the model is.
///
/// Source: van Rijsbergen 1979, "Information retrieval".
public struct F1: CountingMetric {
    public var average = ClassAverage.macro

    public static let name = "f1"
    public static let summary = "Harmonic mean of precision and recall"
    public static let fields = [Field("average", \Self.average, "how classes become one number")]

    public init() {}

    public init(_ average: ClassAverage) { self.average = average }

    static func value(of counts: ClassCounts) -> Double { counts.f1 }
}
