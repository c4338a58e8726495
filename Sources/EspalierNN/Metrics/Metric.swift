import EspalierGraph
import EspalierSpec

/// What a person reads progress by: a number per sample, of which the mean over all samples is reported.
public protocol Metric: Specification {
    static var target: TargetKind { get }
    /// Whether larger is better.
    static var isHigherBetter: Bool { get }

    /// The metric of each sample, [N].
    func callAsFunction(_ predictions: Tensor, _ targets: Tensor) -> Tensor
}

extension Registry where Part == any Metric {
    /// The metrics that Espalier brings.
    public static var standard: Self {
        var registry = Self(kind: "metric")
        registry.register(Accuracy.self) { $0 }
        registry.register(MeanAbsoluteErrorMetric.self) { $0 }
        registry.register(MeanSquaredErrorMetric.self) { $0 }
        return registry
    }
}
