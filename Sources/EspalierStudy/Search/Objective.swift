import EspalierNN
import EspalierSpec
import EspalierTraining

/// What trials are judged by: a metric, or the loss, of the validation data with the weights that a training keeps.
///
/// These are the weights of the epoch with the lowest validation loss. So the value of a trial is what `summary.json` of the
/// same training says, and that after some epochs is what it would say had the training ended there.
public struct Objective: Sendable {
    /// `accuracy`, `loss`.
    public let name: String
    public let isHigherBetter: Bool
    private let metric: (any Metric)?

    /// - Parameter name: A metric or `loss`; nothing for the first metric of the training.
    init(_ name: String?, _ prepared: PreparedExperiment, _ catalog: Catalog) throws {
        guard prepared.data.validation != nil else {
            throw EspalierError(
                "no samples are held out to judge trials by", at: "data.split", expected: "a validation part",
                fix: "data.split.validation: 0.15")
        }
        let name = name ?? prepared.metrics.first.map { type(of: $0).name } ?? "loss"
        if let metric = prepared.metrics.first(where: { type(of: $0).name == name }) {
            self.init(metric)
        } else {
            try self.init(named: name, catalog)
        }
    }

    /// - Parameter name: A metric or `loss`.
    init(named name: String, _ catalog: Catalog) throws {
        if name == "loss" {
            self.init(nil)
            return
        }
        guard catalog.metrics.names.contains(name) else {
            throw unknown("metric", name, among: ["loss"] + catalog.metrics.names, at: "search.metric")
        }
        self.init(try catalog.metrics.read(ConfigurationNode(.string(name), path: "search.metric")))
    }

    private init(_ metric: (any Metric)?) {
        self.metric = metric
        name = metric.map { type(of: $0).name } ?? "loss"
        isHigherBetter = metric.map { type(of: $0).isHigherBetter } ?? false
    }

    /// The experiment with this metric among its own.
    func measured(_ experiment: Experiment) -> Experiment {
        guard let metric else { return experiment }
        var measured = experiment
        let metrics = experiment.metrics ?? []
        if !metrics.contains(where: { type(of: $0).name == name }) { measured.metrics = metrics + [metric] }
        return measured
    }

    /// The value of a measurement; nothing where it is no number.
    func value(_ record: EpochRecord?) -> Double? {
        guard let scores = record?.validation else { return nil }
        let value = metric == nil ? scores.loss : scores[name]
        return value.flatMap { $0.isFinite ? $0 : nil }
    }

    /// The value as something of which less is better.
    func loss(_ value: Double) -> Double { isHigherBetter ? -value : value }

    func isBetter(_ value: Double, than other: Double) -> Bool { loss(value) < loss(other) }
}
