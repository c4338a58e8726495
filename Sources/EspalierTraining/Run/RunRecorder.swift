import EspalierEngine
import EspalierNN
import EspalierSpec
import Foundation

/// Writes what happens in a training into its run folder: `events.jsonl` and `metrics.csv`.
final class RunRecorder: TrainingListener {
    private let log: EventLog
    private var table: MetricsTable
    private let folder: RunFolder
    private let prepared: PreparedExperiment
    /// Steps from one recorded step to the next: some two hundred an epoch at most.
    private var stepInterval = 1
    private var step = 0
    private var epoch = 0
    /// The epochs that the table has.
    private var history: [EpochRecord] = []
    /// Gets every event as it is written.
    var tensorBoard: TensorBoardLog?

    /// Begins the records of a run, whose events go to `log`.
    init(_ folder: RunFolder, _ prepared: PreparedExperiment, _ log: EventLog) throws {
        self.folder = folder
        self.prepared = prepared
        self.log = log
        table = try MetricsTable(creating: folder.metrics, metrics: Self.metricNames(prepared))
    }

    /// Goes on with the records of a run; the table is written again once it is known from where the run goes on.
    init(continuing folder: RunFolder, _ prepared: PreparedExperiment, _ log: EventLog) throws {
        self.folder = folder
        self.prepared = prepared
        self.log = log
        table = try MetricsTable(rewriting: folder.metrics, metrics: Self.metricNames(prepared), history: [])
    }

    private static func metricNames(_ prepared: PreparedExperiment) -> [String] {
        prepared.metrics.map { type(of: $0).name }
    }

    func handle(_ event: TrainingEvent) throws {
        switch event {
        case .start(let start):
            stepInterval = RunFolder.stepInterval(stepsPerEpoch: start.stepsPerEpoch)
            try append("start", describe(start))
        case .step(let step, let epoch, _, let loss, let learningRate):
            self.step = step
            self.epoch = epoch
            guard step % stepInterval == 0 || !loss.isFinite else { return }
            try append("step", [("loss", .number(loss)), ("learningRate", .number(learningRate))])
        case .probe(let probe): try append("probe", probe.entries)
        case .finding(let finding):
            guard case .map(let entries) = finding.configuration else { return }
            // The step is that of the event.
            try append("finding", entries.filter { $0.key != "step" }.map { ($0.key, $0.value) })
        case .baselines(let baselines):
            guard case .map(let entries) = baselines.configuration else { return }
            try append("baselines", entries.map { ($0.key, $0.value) })
        case .validation(let record):
            guard let validation = record.validation else { return }
            try append("validation", [("validation", validation.configuration)])
        case .epoch(let record):
            try note(record)
            var entries = [("train", record.train.configuration)]
            if let validation = record.validation { entries.append(("validation", validation.configuration)) }
            entries += [("learningRate", .number(record.learningRate)), ("seconds", .number(record.seconds))]
            if let share = record.clippedShare { entries.append(("clippedShare", .number(share))) }
            if let share = record.waitingShare { entries.append(("waitingShare", .number(share))) }
            try append("epoch", entries)
        case .trace(let trace):
            try append("retrace", [("function", .string(trace.plan)), ("reason", .string(trace.reason))])
        case .checkpoint(let record): try append(record)
        case .nonFinite(let record):
            var entries: [(String, ConfigurationValue)] = [("cause", .string(record.cause))]
            if let origin = record.origin {
                entries += [("source", .string(origin.source.rawValue)), ("where", .string(origin.location))]
            }
            try append(
                "nonFinite",
                entries + [("policy", record.policy.configuration), ("count", .integer(record.count))])
        case .resume(let record): try resume(record)
        case .stop(let result):
            var entries: [(String, ConfigurationValue)] = [
                ("reason", .string(result.status.rawValue)), ("message", .string(result.message)),
            ]
            if let share = result.waitingShare { entries.append(("waitingShare", .number(share))) }
            try append("stop", entries)
        }
    }

    private func append(_ record: CheckpointRecord) throws {
        var entries: [(String, ConfigurationValue)] = [
            ("file", .string(name(record.path))), ("ofStep", .integer(record.step)), ("bytes", .integer(record.bytes)),
            ("stalledSeconds", .number(record.stalledSeconds)), ("writingSeconds", .number(record.writingSeconds)),
        ]
        if let failure = record.failure { entries.append(("failure", .string(failure.what))) }
        try append("checkpoint", entries)
    }

    /// One row an epoch: a training that goes back takes an epoch again, whose first row no longer holds.
    private func note(_ record: EpochRecord) throws {
        let isAgain = history.contains { $0.epoch >= record.epoch }
        history.removeAll { $0.epoch >= record.epoch }
        history.append(record)
        if isAgain { try rewriteTable() } else { try table.append(record) }
    }

    private func rewriteTable() throws {
        table = try MetricsTable(rewriting: folder.metrics, metrics: Self.metricNames(prepared), history: history)
    }

    /// What was written after the checkpoint will be written again.
    private func resume(_ record: ResumeRecord) throws {
        history = record.history
        try rewriteTable()
        step = record.step
        epoch = record.history.count + 1
        let unusable = record.unusable.map { error -> ConfigurationValue in
            ["file": .string(name(error.location ?? "")), "reason": .string(error.what)]
        }
        try append(
            "resume",
            [
                ("checkpoint", record.checkpoint.map { .string(name($0)) } ?? .null), ("unusable", .list(unusable)),
            ])
    }

    /// As the run folder calls it.
    private func name(_ path: String) -> String {
        path.hasPrefix(folder.path + "/") ? String(path.dropFirst(folder.path.count + 1)) : path
    }

    /// Which classes were taken for which, on a set: rows are the true ones.
    func appendConfusion(_ matrix: [[Int]], on set: String) throws {
        let rows = matrix.map { ConfigurationValue.list($0.map { .integer($0) }) }
        try append("confusion", [("set", .string(set)), ("matrix", .list(rows))])
    }

    private func append(_ name: String, _ entries: [(String, ConfigurationValue)]) throws {
        let head: [(String, ConfigurationValue)] = [
            ("event", .string(name)), ("time", .string(Self.time())), ("step", .integer(step)),
            ("epoch", .integer(epoch)),
        ]
        let event = ConfigurationValue.map((head + entries).map { .init($0.0, $0.1) })
        try log.append(event)
        try tensorBoard?.append(event)
    }

    private static func time() -> String {
        Date.now.formatted(
            .iso8601.year().month().day().timeZone(separator: .omitted).time(includingFractionalSeconds: true))
    }

    private func describe(_ start: TrainingStart) -> [(String, ConfigurationValue)] {
        var samples: [ConfigurationValue.Entry] = [.init("train", .integer(start.trainingSamples))]
        if let validation = prepared.data.validation { samples.append(.init("validation", .integer(validation.count))) }
        if let test = prepared.data.test { samples.append(.init("test", .integer(test.count))) }
        let model = start.layers.map { layer -> ConfigurationValue in
            [
                "path": .string(layer.path), "layer": .string(layer.layer),
                "output": .list(layer.output.map { .integer($0) }), "parameters": .integer(layer.parameters),
                "note": .string(layer.note),
            ]
        }
        return [
            ("name", .string(prepared.experiment.name)), ("seed", .integer(start.settings.seed)),
            ("threads", .integer(start.threads)),
            ("task", .string(prepared.classNames == nil ? "regression" : "classification")),
            ("classes", .list((prepared.classNames ?? []).map { .string($0) })), ("samples", .map(samples)),
            ("parameters", .integer(start.parameters)), ("statistics", .integer(start.statistics)),
            ("model", .list(model)), ("optimizer", .string(start.optimizer)), ("schedule", describe(start.schedule)),
            ("loss", .string(start.loss)),
            ("batchSize", .integer(start.settings.batchSize)), ("epochs", .integer(start.settings.epochs)),
            ("stepsPerEpoch", .integer(start.stepsPerEpoch)), ("learningRate", .number(start.learningRate)),
            ("regularization", start.penalty.configuration), ("frozen", .list(start.frozen.map { .string($0) })),
        ]
    }

    private func describe(_ rates: PlannedRates) -> ConfigurationValue {
        [
            "name": .string(rates.schedule), "followsLoss": .boolean(rates.followsLoss),
            "steps": .list(rates.points.map { .integer($0.step) }),
            "rates": .list(rates.points.map { .number($0.rate) }),
        ]
    }
}

extension Scores {
    /// `{"loss": …, "accuracy": …}`.
    public var configuration: ConfigurationValue {
        .map([.init("loss", .number(loss))] + metrics.map { .init($0.name, .number($0.value)) })
    }

    /// The intervals of the metrics on some sets that have any: `{"test": {"accuracy": [low, high]}}`.
    public static func intervals(of sets: [(name: String, scores: Scores?)]) -> ConfigurationValue {
        .map(
            sets.compactMap { set in
                guard let scores = set.scores, !scores.intervals.isEmpty else { return nil }
                let bounds = scores.metrics.compactMap { name, _ in
                    scores.intervals[name].map {
                        ConfigurationValue.Entry(name, .list([.number($0.lowerBound), .number($0.upperBound)]))
                    }
                }
                return .init(set.name, .map(bounds))
            })
    }
}
