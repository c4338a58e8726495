import EspalierGraph
import Foundation

/// Between which bounds a metric lies on other samples of the same kind, with a probability of 95 %.
///
/// It holds for samples that the model has not seen and that do not depend on each other. A share has Wilson's interval,
/// which is right for few samples and near 0 and 1 too:
///
///     (p + z^2 / 2n ± z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)        z = 1.96
///
/// Any other metric has the percentiles of its values on sets drawn from the samples with replacement.
///
/// Sources: Wilson 1927, "Probable inference, the law of succession, and statistical inference"; Efron 1979, "Bootstrap
/// methods".
public enum ConfidenceInterval {
    /// How many sets the bootstrap draws.
    static let draws = 500
    /// The 97.5th percentile of the standard normal distribution.
    static let z = 1.959963984540054

    /// The interval of `metric` on the samples that the records are of; nothing where it is not a finite number.
    ///
    /// The bootstrap draws from a fixed seed: the same records have the same interval.
    public static func of(_ metric: any Metric, _ records: MetricRecords) -> ClosedRange<Double>? {
        guard records.count > 0 else { return nil }
        if type(of: metric).isProportion { return wilson(share: metric.value(of: records), count: records.count) }
        return bootstrap(metric, records)
    }

    /// Wilson's interval of a share of `count` samples.
    public static func wilson(share p: Double, count: Int) -> ClosedRange<Double>? {
        guard (0...1).contains(p), count > 0 else { return nil }
        let n = Double(count)
        let centre = p + z * z / (2 * n)
        let spread = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        let whole = 1 + z * z / n
        // Rounding must not put the bound of 0 or of 1 beyond it.
        return max(0, (centre - spread) / whole)...min(1, (centre + spread) / whole)
    }

    private static func bootstrap(_ metric: any Metric, _ records: MetricRecords) -> ClosedRange<Double>? {
        let count = records.count
        var random = RandomStream(seed: 0, "bootstrap")
        let values = (0..<draws).map { _ in
            metric.value(of: records[(0..<count).map { _ in min(count - 1, Int(random.uniform() * Double(count))) }])
        }.filter(\.isFinite).sorted()
        guard values.count > draws / 2 else { return nil }
        func percentile(_ share: Double) -> Double {
            let position = share * Double(values.count - 1), below = Int(position)
            let above = min(below + 1, values.count - 1)
            return values[below] + (position - Double(below)) * (values[above] - values[below])
        }
        return percentile(0.025)...percentile(0.975)
    }
}
