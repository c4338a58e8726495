/// Loss and metrics, as means over samples.
public struct Scores: Sendable, Hashable {
    /// The mean loss.
    public var loss: Double
    /// By name, in the order in which they were asked for.
    public var metrics: [(name: String, value: Double)]
    /// Between which bounds a metric, by its name, lies on other samples of the same kind, where that was asked for: see
    /// `ConfidenceInterval`.
    public var intervals: [String: ClosedRange<Double>] = [:]

    public init(loss: Double, metrics: [(name: String, value: Double)] = []) {
        self.loss = loss
        self.metrics = metrics
    }

    /// The metric of that name.
    public subscript(name: String) -> Double? { metrics.first { $0.name == name }?.value }

    public static func == (first: Scores, second: Scores) -> Bool {
        first.loss == second.loss && first.metrics.map(\.name) == second.metrics.map(\.name)
            && first.metrics.map(\.value) == second.metrics.map(\.value) && first.intervals == second.intervals
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(loss)
        for metric in metrics {
            hasher.combine(metric.name)
            hasher.combine(metric.value)
        }
        hasher.combine(intervals)
    }
}

extension Scores: Codable {
    private enum Key: CodingKey { case loss, metrics, intervals }
    private struct Metric: Codable {
        var name: String
        var value: Double
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let metrics = try container.decode([Metric].self, forKey: .metrics)
        self.init(loss: try container.decode(Double.self, forKey: .loss), metrics: metrics.map { ($0.name, $0.value) })
        intervals = try container.decode([String: ClosedRange<Double>].self, forKey: .intervals)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(loss, forKey: .loss)
        try container.encode(metrics.map { Metric(name: $0.name, value: $0.value) }, forKey: .metrics)
        try container.encode(intervals, forKey: .intervals)
    }
}

extension Scores: CustomStringConvertible {
    /// `loss 0.2113, accuracy 0.9628 (0.9347 to 0.9790)`.
    public var description: String {
        let values = metrics.map { name, value in
            let bounds = intervals[name].map { " (\($0.lowerBound.short) to \($0.upperBound.short))" }
            return "\(name) \(value.short)\(bounds ?? "")"
        }
        return (["loss \(loss.short)"] + values).joined(separator: ", ")
    }
}

/// What is known at the end of an epoch, or at a measurement within it.
public struct EpochRecord: Sendable, Hashable, Codable {
    /// From 1.
    public var epoch: Int
    /// Steps since the start.
    public var step: Int
    /// Over the epoch's batches, each with the parameters of its step.
    public var train: Scores
    /// On the validation data, in inference, when it was last measured in this epoch; nothing where it was not.
    public var validation: Scores?
    /// Of the epoch's last step.
    public var learningRate: Double
    /// Of this epoch, validation included.
    public var seconds: Double
    /// The share of the epoch's steps whose gradient was clipped; nothing where none can be.
    public var clippedShare: Double?
    /// The share of the epoch's training, validation left out, that was spent waiting for batches.
    public var waitingShare: Double?
    /// The scatter of the losses of the epoch's steps about their trend, over their mean: see `LossVariation`; nothing of
    /// fewer than three steps.
    public var lossVariation: Double?

    public init(
        epoch: Int, step: Int, train: Scores, validation: Scores?, learningRate: Double, seconds: Double,
        clippedShare: Double? = nil, waitingShare: Double? = nil, lossVariation: Double? = nil
    ) {
        self.epoch = epoch
        self.step = step
        self.train = train
        self.validation = validation
        self.learningRate = learningRate
        self.seconds = seconds
        self.clippedShare = clippedShare
        self.waitingShare = waitingShare
        self.lossVariation = lossVariation
    }

    /// What early stopping and the choice of the best epoch look at.
    public var monitoredLoss: Double { (validation ?? train).loss }
}

/// How a training ended.
public struct TrainingResult: Sendable {
    /// Why a training ended.
    public enum Status: String, Sendable, Codable {
        case completed, stoppedEarly, diverged, interrupted
    }

    public var status: Status
    /// In a sentence.
    public var message: String
    /// Every epoch, in order.
    public var history: [EpochRecord]
    /// The record of the measurement whose weights the model has now; nothing where they were not measured.
    public var best: EpochRecord?
    public var steps: Int
    public var seconds: Double
    /// The share of the steps' time that was spent waiting for batches; nothing where no step was taken.
    public var waitingShare: Double?

    /// The share of all complete epochs' steps whose gradient was clipped; nothing where none can be.
    public var clippedShare: Double? {
        let shares = history.compactMap(\.clippedShare)
        return shares.isEmpty ? nil : shares.reduce(0, +) / Double(shares.count)
    }
}
