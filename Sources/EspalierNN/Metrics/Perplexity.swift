import EspalierGraph
import EspalierSpec
import Foundation

/// Among how many equally likely classes the model is as uncertain: exp(mean of -log p_y).
///
/// Use it for models of language, where it is the usual measure. A model that knows nothing has the number of classes;
/// one that once gives the right class no probability has about e^(87 / n) times what it would have (-log p is at most
/// 87, that of the smallest float32).
///
/// Source: Jelinek, Mercer, Bahl and Baker 1977, "Perplexity: a measure of the difficulty of speech recognition tasks".
public struct Perplexity: SampleMetric {
    public static let name = "perplexity"
    public static let summary = "Among how many equally likely classes the model is as uncertain"
    public static let fields: [Field<Self>] = []
    public static let target = TargetKind.classes
    public static let isHigherBetter = false
    public static let takesProbabilities = true

    public init() {}

    /// -log p_y of each sample.
    public func callAsFunction(_ probabilities: Tensor, _ labels: Tensor) -> Tensor {
        let right = probabilities.take(labels.expanded(at: -1), axis: -1)
        return -Tensor.maximum(right, Tensor(Double(Float.leastNormalMagnitude))).log()
    }

    public func value(of records: MetricRecords) -> Double { exp(records.mean) }
}
