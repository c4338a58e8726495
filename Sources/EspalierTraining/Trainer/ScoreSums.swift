import EspalierEngine
import EspalierNN

/// Loss and metrics over batches of different sizes, exactly those of all samples at once.
struct ScoreSums {
    private let metrics: [any Metric]
    private let weighsSamples: Bool
    private(set) var sum = 0.0
    /// The number of samples, or the sum of their weights.
    private(set) var weight = 0.0
    /// By metric.
    private(set) var records: [MetricRecords]

    init(_ plans: StepPlans) {
        metrics = plans.metrics
        weighsSamples = plans.weighsSamples
        records = metrics.map { _ in MetricRecords(width: 1) }
    }

    /// What was summed up before a training was interrupted.
    init(_ plans: StepPlans, sum: Double, weight: Double, records: [MetricRecords]) {
        self.init(plans)
        self.sum = sum
        self.weight = weight
        self.records = records
    }

    /// Adds what `executable` has just put out for a batch.
    mutating func add(_ executable: Executable, samples: Int, _ plans: StepPlans) {
        let batchWeight = weighsSamples ? Double(executable.output(1 + metrics.count)[0]) : Double(samples)
        // A batch without a counted sample has no mean, and adds nothing.
        if batchWeight > 0 { sum += Double(executable.output(0)[0]) * batchWeight }
        weight += batchWeight
        for index in metrics.indices {
            if records[index].count == 0 { records[index] = MetricRecords(width: plans.recordWidths[index]) }
            records[index].append(executable.output(1 + index))
        }
    }

    /// Adds what others have summed up.
    mutating func add(_ other: ScoreSums) {
        sum += other.sum
        weight += other.weight
        for index in records.indices {
            if records[index].count == 0 { records[index] = MetricRecords(width: other.records[index].width) }
            records[index].append(other.records[index].values)
        }
    }

    /// The mean loss.
    var loss: Double { sum / weight }

    /// - Parameter intervals: Whether to say how sure the metrics are.
    func scores(intervals: Bool = false) -> Scores {
        var scores = Scores(
            loss: loss,
            metrics: zip(metrics, records).map { (type(of: $0).name, $0.value(of: $1)) })
        guard intervals else { return scores }
        for (metric, records) in zip(metrics, records) {
            scores.intervals[type(of: metric).name] = ConfidenceInterval.of(metric, records)
        }
        return scores
    }
}
