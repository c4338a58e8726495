import EspalierNN
import EspalierSpec
import EspalierTraining

// How a history comes about: from a trainer's events, or from a run folder's.
extension History {
    /// Adds what happened.
    mutating func note(_ event: TrainingEvent) {
        switch event {
        case .start(let start): self.start = Start(start)
        case .step(let step, _, let stepsPerEpoch, let loss, _):
            // As the run folder has them, so that both lead to the same findings.
            guard step % RunFolder.stepInterval(stepsPerEpoch: stepsPerEpoch) == 0 || !loss.isFinite else { return }
            losses.append(StepLoss(step: step, loss: loss))
        case .probe(let probe): probes.append(probe)
        case .epoch(let record):
            epochs.removeAll { $0.epoch >= record.epoch }
            epochs.append(record)
        case .baselines(let baselines): self.baselines = baselines
        case .nonFinite(let record):
            nonFinite.append(
                NonFinite(
                    step: record.step, cause: record.cause, source: record.origin?.source,
                    location: record.origin?.location))
        case .resume(let record): goBack(to: record.step, epoch: record.history.count + 1)
        case .stop(let result): end = result.status
        case .validation, .trace, .checkpoint, .finding: break
        }
    }

    /// What came after is done again.
    private mutating func goBack(to step: Int, epoch: Int) {
        losses.removeAll { $0.step > step }
        probes.removeAll { $0.step > step }
        nonFinite.removeAll { $0.step > step }
        epochs.removeAll { $0.epoch >= epoch }
        end = nil
    }

    /// The history of a run, from its folder alone.
    ///
    /// - Returns: The history, and what was found as the training went.
    /// - Throws: `EspalierError` where the events cannot be read.
    static func read(_ run: RunFolder) throws -> (history: History, findings: [Finding]) {
        var history = History(), findings: [Finding] = [], confusion: [[Int]] = []
        for event in try EventLog.read(run.events).events {
            try history.note(event, &findings)
            if event["event"]?.text == "confusion" { confusion = event["matrix"]?.rows ?? [] }
        }
        if SystemFile.exists(run.summary) {
            let summary = try JSON.parse(SystemFile.read(run.summary, kind: "a summary")[...])
            history.final = Final(summary, confusion)
        }
        return (history, findings)
    }

    /// Adds a line of `events.jsonl`.
    mutating func note(_ event: ConfigurationValue, _ findings: inout [Finding]) throws {
        let step = event["step"]?.wholeNumber ?? 0
        switch event["event"]?.text {
        case "start": start = Start(event)
        case "step": losses.append(StepLoss(step: step, loss: event["loss"]?.doubleValue ?? .nan))
        case "probe": probes.append(try Probe(event: event))
        case "epoch":
            guard let record = EpochRecord(event) else { return }
            epochs.removeAll { $0.epoch >= record.epoch }
            epochs.append(record)
        case "nonFinite":
            nonFinite.append(
                NonFinite(
                    step: step, cause: event["cause"]?.text ?? "",
                    source: event["source"]?.text.flatMap(NonFiniteOrigin.Source.init), location: event["where"]?.text))
        case "baselines": baselines = Baselines(configuration: event)
        case "finding":
            var finding = try Finding(configuration: event)
            finding.step = step
            findings.append(finding)
        case "resume":
            goBack(to: step, epoch: event["epoch"]?.wholeNumber ?? 1)
            // What starts over is examined again, and told again.
            if step == 0 { findings = [] }
        case "stop": end = event["reason"]?.text.flatMap(TrainingResult.Status.init)
        default: break
        }
    }
}

extension History.Start {
    init(_ start: TrainingStart) {
        self.init(
            isClassification: start.isClassification,
            layers: start.layers.map { .init(path: $0.path, layer: $0.layer, parameters: $0.parameters) },
            trainingSamples: start.trainingSamples, stepsPerEpoch: start.stepsPerEpoch, epochs: start.settings.epochs,
            batchSize: start.settings.batchSize, learningRate: start.learningRate, optimizer: start.optimizer,
            loss: start.loss, validationSamples: start.validationSamples, penalty: start.penalty, frozen: start.frozen)
    }

    init?(_ event: ConfigurationValue) {
        guard case .list(let layers)? = event["model"] else { return nil }
        func number(_ name: String) -> Int { event[name]?.wholeNumber ?? 0 }
        self.init(
            isClassification: event["task"]?.text == "classification",
            layers: layers.map {
                .init(
                    path: $0["path"]?.text ?? "", layer: $0["layer"]?.text ?? "",
                    parameters: $0["parameters"]?.wholeNumber ?? 0)
            },
            trainingSamples: event["samples"]?["train"]?.wholeNumber ?? 0, stepsPerEpoch: number("stepsPerEpoch"),
            epochs: number("epochs"), batchSize: number("batchSize"),
            learningRate: event["learningRate"]?.doubleValue ?? .nan, optimizer: event["optimizer"]?.text ?? "",
            loss: event["loss"]?.text ?? "", validationSamples: event["samples"]?["validation"]?.wholeNumber ?? 0,
            penalty: event["regularization"].flatMap { try? WeightPenalty(configuration: ConfigurationNode($0)) }
                ?? WeightPenalty(),
            frozen: event["frozen"]?.elements.compactMap(\.text) ?? [])
    }
}

extension EpochRecord {
    fileprivate init?(_ event: ConfigurationValue) {
        guard let epoch = event["epoch"]?.wholeNumber, let train = event["train"].flatMap(Scores.init) else {
            return nil
        }
        self.init(
            epoch: epoch, step: event["step"]?.wholeNumber ?? 0, train: train,
            validation: event["validation"].flatMap(Scores.init),
            learningRate: event["learningRate"]?.doubleValue ?? .nan, seconds: event["seconds"]?.doubleValue ?? .nan,
            clippedShare: event["clippedShare"]?.doubleValue, waitingShare: event["waitingShare"]?.doubleValue)
    }
}

extension Scores {
    /// Reads what `configuration` gives.
    fileprivate init?(_ value: ConfigurationValue) {
        guard case .map(let entries) = value, let loss = value["loss"]?.doubleValue else { return nil }
        self.init(
            loss: loss,
            metrics: entries.compactMap { entry in
                entry.key == "loss" ? nil : entry.value.doubleValue.map { (entry.key, $0) }
            })
    }
}

extension History.Final {
    init(_ summary: RunSummary) {
        self.init(
            train: summary.train, validation: summary.validation, test: summary.test, confusion: summary.confusion)
    }

    fileprivate init(_ summary: ConfigurationValue, _ confusion: [[Int]]) {
        self.init(
            train: summary["train"].flatMap(Scores.init),
            validation: summary["best"]?["validation"].flatMap(Scores.init),
            test: summary["test"].flatMap(Scores.init), confusion: confusion)
    }
}

extension ConfigurationValue {
    /// The elements, where this is a list.
    fileprivate var elements: [ConfigurationValue] { if case .list(let elements) = self { elements } else { [] } }

    /// A matrix of whole numbers, row by row.
    fileprivate var rows: [[Int]] { elements.map { $0.elements.compactMap(\.wholeNumber) } }
}
