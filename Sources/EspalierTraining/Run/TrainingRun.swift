import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Foundation

/// An experiment carried out: trained, its best weights kept, measured on all parts of the data, and written down.
public struct TrainingRun {
    /// With everything decided.
    public let experiment: Experiment
    public let folder: RunFolder
    /// How the training ended, and its history.
    public let result: TrainingResult
    /// What `summary.json` holds.
    public let summary: RunSummary
    /// What the attendant found; nothing where there was none.
    public let diagnosis: Diagnosis?
    /// What a step's time was spent on, where that was asked for and a step was taken.
    public let profile: Profile?
    private let isRegression: Bool

    /// Trains and writes the run folder: `config.yaml`, `events.jsonl`, `metrics.csv`, `best.safetensors`,
    /// `summary.json`; with a profiler also `profile.json` and `trace.json`.
    ///
    /// Nothing is written before data, model and settings are known to fit each other, and nothing stays where the run
    /// cannot begin.
    ///
    /// - Parameters:
    ///   - experiment: What to carry out.
    ///   - folder: Where to write; asked for once everything else is known to be right.
    ///   - listeners: Told of everything that happens, after it has been written.
    ///   - attendant: Examines the run, unless `doctor: off`; what it finds is written to `diagnosis.json`.
    ///   - engine: What computes.
    ///   - profiler: Notes how long the kernels of the training's steps take.
    ///   - shouldInterrupt: Asked after every step: whether to end now, keeping what was reached.
    /// - Throws: `EspalierError` for what is wrong with the configuration, the data or a file.
    public init(
        _ experiment: Experiment, in folder: (Experiment) throws -> RunFolder, listeners: [any TrainingListener] = [],
        attendant: (any RunAttendant)? = nil, engine: Engine = .current, profiler: StepProfiler? = nil,
        shouldInterrupt: @escaping () -> Bool = { false }
    ) throws {
        let prepared = try experiment.prepare()
        let trainer = try prepared.makeTrainer(engine: engine)
        let folder = try folder(prepared.experiment)
        let log: EventLog
        do {
            log = try EventLog(creating: folder.events)
        } catch {
            // Another run that began at the same time has the folder: only an empty one is taken back.
            rmdir(folder.path)
            throw error
        }
        let recorder: RunRecorder
        do {
            recorder = try RunRecorder(folder, prepared, log)
            try AtomicFile.write(prepared.experiment.yaml, to: folder.configuration)
            try AugmentationSheet(prepared, trainer.augmenter)?.write(to: folder.augmentations)
            recorder.tensorBoard = try TensorBoardLog(prepared.experiment, in: folder, trainer.state)
        } catch {
            folder.takeBack()
            throw error
        }
        trainer.listeners = [recorder] + listeners
        trainer.shouldInterrupt = shouldInterrupt
        trainer.profiler = profiler
        try self.init(prepared, trainer, recorder, folder, attendant, resuming: nil)
    }

    /// Goes on with a run that was interrupted or killed, to the same bytes as if it had never been.
    ///
    /// The run's own `config.yaml` says what is trained. The newest checkpoint that is intact says from where; without
    /// one the training starts over.
    ///
    /// - Parameters:
    ///   - folder: The run.
    ///   - listeners: Told of everything that happens, after it has been written.
    ///   - attendant: Examines the run, unless `doctor: off`; what it finds is written to `diagnosis.json`.
    ///   - engine: What computes; the number of threads may be another.
    ///   - profiler: Notes how long the kernels of the training's steps take.
    ///   - shouldInterrupt: Asked after every step: whether to end now, keeping what was reached.
    /// - Throws: `EspalierError` for what is wrong with the run, the data or a file, where configuration or data are no
    ///   longer what the checkpoints are of, and where another process works on the run.
    public init(
        resuming folder: RunFolder, listeners: [any TrainingListener] = [],
        attendant: (any RunAttendant)? = nil, engine: Engine = .current, profiler: StepProfiler? = nil,
        shouldInterrupt: @escaping () -> Bool = { false }
    ) throws {
        let prepared = try Experiment.read(folder.configuration).prepare()
        let trainer = try prepared.makeTrainer(engine: engine)
        trainer.identity = prepared.identity
        trainer.checkpointPath = folder.checkpoints
        // From here on the run is this process's own.
        let log =
            try SystemFile.exists(folder.events)
            ? EventLog(continuing: folder.events) : EventLog(creating: folder.events)
        let (checkpoint, unusable) = try trainer.newestCheckpoint(
            of: prepared.data.train, validation: prepared.data.validation)
        if checkpoint == nil { try Self.refuseForeign(folder) }
        let recorder = try RunRecorder(continuing: folder, prepared, log)
        recorder.tensorBoard = try TensorBoardLog(prepared.experiment, in: folder, trainer.state)
        CheckpointFolder(path: folder.path).removeLeftovers()
        // How it ended so far is not how it ends.
        for file in [folder.summary, folder.diagnosis] { unlink(file) }
        trainer.listeners = [recorder] + listeners
        trainer.shouldInterrupt = shouldInterrupt
        trainer.profiler = profiler
        let record = ResumeRecord(
            checkpoint: checkpoint?.path, unusable: unusable, step: checkpoint?.step ?? 0,
            history: checkpoint?.snapshot.header.history ?? [])
        try trainer.send(.resume(record))
        try self.init(prepared, trainer, recorder, folder, attendant, resuming: checkpoint)
    }

    /// To start over would take away checkpoints that are as good as they ever were.
    private static func refuseForeign(_ folder: RunFolder) throws {
        guard let intact = CheckpointFolder(path: folder.checkpoints).newest({ _ in }).checkpoint else { return }
        throw EspalierError(
            "the run's checkpoints are of another training: its configuration or its data have changed since",
            at: intact.path, expected: "config.yaml and data as they were when the run began",
            fix: "put them back, or begin another run: espalier train \(folder.configuration)")
    }

    /// How a run ended that has nothing left to do; nothing where it can be resumed.
    public static func outcome(of folder: RunFolder) -> TrainingResult.Status? {
        guard SystemFile.exists(folder.bestWeights),
            let bytes = try? SystemFile.read(folder.summary, kind: "a summary"),
            case .string(let name)? = (try? JSON.parse(bytes[...])).flatMap({ $0["status"] }),
            let status = TrainingResult.Status(rawValue: name), status == .completed || status == .stoppedEarly
        else { return nil }
        return status
    }

    private init(
        _ prepared: PreparedExperiment, _ trainer: Trainer, _ recorder: RunRecorder, _ folder: RunFolder,
        _ attendant: (any RunAttendant)?, resuming checkpoint: Checkpoint?
    ) throws {
        let attendant = prepared.experiment.doctor == .off ? nil : attendant
        if let attendant {
            try attendant.begin(trainer, prepared, resuming: checkpoint == nil ? nil : folder)
            trainer.listeners.append(attendant)
        }
        experiment = prepared.experiment
        isRegression = prepared.classNames == nil
        self.folder = folder
        trainer.identity = prepared.identity
        trainer.checkpointPath = folder.checkpoints
        result = try trainer.fit(
            prepared.data.train, validation: prepared.data.validation, resuming: checkpoint)
        try SavedModel.write(trainer.state, prepared, to: self.folder.bestWeights)
        // How a model does that has learned nothing says nothing.
        let hasLearned = result.status != .diverged || result.best != nil
        var confusion: [[Int]] = []
        if hasLearned, let (name, data) = prepared.data.heldOut {
            let predictions = try trainer.predictions(for: data)
            try MistakeSheet(predictions, of: data, set: name, prepared)?.write(to: self.folder.mistakes)
            if let classes = prepared.classNames {
                confusion = data.confusion(with: predictions, classes: classes.count)
                try recorder.appendConfusion(confusion, on: name)
            }
        }
        summary = RunSummary(
            result, train: hasLearned ? try trainer.evaluate(prepared.data.train) : nil,
            validation: result.best == nil
                ? nil : try prepared.data.validation.map { try trainer.evaluate($0, intervals: true) },
            test: hasLearned ? try prepared.data.test.map { try trainer.evaluate($0, intervals: true) } : nil,
            confusion: confusion,
            zeroWeights: trainer.state.zeroWeightCount, parameters: trainer.state.parameterCount,
            peakBytes: trainer.bytes)
        try AtomicFile.write(JSON.write(summary.configuration, pretty: true) + "\n", to: self.folder.summary)
        diagnosis = try attendant?.end(summary)
        if let diagnosis {
            try AtomicFile.write(
                JSON.write(diagnosis.configuration, pretty: true) + "\n", to: self.folder.diagnosis)
        }
        guard let (profile, trace) = try trainer.profiler?.profile(on: trainer.plans.engine) else {
            profile = nil
            return
        }
        try AtomicFile.write(Self.json(profile, .prettyPrinted), to: self.folder.profile)
        try AtomicFile.write(Self.json(trace), to: self.folder.trace)
        self.profile = profile
    }

    private static func json(_ value: some Encodable, _ form: JSONEncoder.OutputFormatting = []) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [form, .sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(value))
    }
}

extension TrainingRun {
    /// Why the training did not do what was asked, and what to try; nothing where it did.
    public var failure: EspalierError? {
        switch result.status {
        case .completed, .stoppedEarly: nil
        case .diverged: EspalierError("the training diverged: \(result.message)", fix: remedy)
        case .interrupted:
            EspalierError(
                "the training was interrupted: \(folder.path) has \(result.kept)",
                fix: isResumable ? "espalier train --resume \(folder.path.shellWord)" : nil)
        }
    }

    private var isResumable: Bool { !CheckpointFolder(path: folder.checkpoints).names.isEmpty }

    /// What makes a loss finite again, the likeliest first.
    private var remedy: String {
        let optimizer = experiment.optimizer
        let smaller = min(optimizer.learningRate / 10, type(of: optimizer).init().learningRate)
        let rate = "a smaller learning rate: --set optimizer.\(type(of: optimizer).name).learningRate=\(smaller)"
        let unscaled = [
            experiment.data.scale == .none ? "data.scale=standard" : nil,
            experiment.data.targetScale == Scaling.none && isRegression ? "data.targetScale=standard" : nil,
        ].compactMap(\.self)
        return ([rate] + unscaled.map { "--set \($0)" }).joined(separator: ", or ")
    }
}

/// `summary.json`: how a run ended.
public struct RunSummary: Sendable {
    public let result: TrainingResult
    /// Of the weights that were kept, on each part of the data, in inference; nothing where nothing was learned.
    public let train: Scores?
    public let validation: Scores?
    public let test: Scores?
    /// How many held-out samples of each class (row) were taken for each (column); empty where that is not known.
    ///
    /// The run's events have it.
    public let confusion: [[Int]]
    /// How many weights are exactly zero.
    public let zeroWeights: Int
    public let parameters: Int
    /// Of parameters, kept values, intermediate results and scratch memory, as planned.
    public let peakBytes: Int

    init(
        _ result: TrainingResult, train: Scores?, validation: Scores?, test: Scores?, confusion: [[Int]] = [],
        zeroWeights: Int, parameters: Int, peakBytes: Int
    ) {
        self.result = result
        self.train = train
        self.validation = validation
        self.test = test
        self.confusion = confusion
        self.zeroWeights = zeroWeights
        self.parameters = parameters
        self.peakBytes = peakBytes
    }

    public var configuration: ConfigurationValue {
        let best: ConfigurationValue =
            result.best.map {
                [
                    "epoch": .integer($0.epoch), "step": .integer($0.step),
                    "validation": validation?.configuration ?? .null,
                ]
            }
            ?? .null
        return [
            "status": .string(result.status.rawValue), "message": .string(result.message),
            "epochs": .integer(result.history.count), "steps": .integer(result.steps), "best": best,
            "train": train?.configuration ?? .null, "test": test?.configuration ?? .null,
            "intervals": Scores.intervals(of: [("validation", validation), ("test", test)]),
            "seconds": .number(result.seconds),
            "stepsPerSecond": .number(Double(result.steps) / result.seconds), "parameters": .integer(parameters),
            "zeroWeights": .integer(zeroWeights), "peakBytes": .integer(peakBytes),
            "clippedShare": result.clippedShare.map { .number($0) } ?? .null,
            "waitingShare": result.waitingShare.map { .number($0) } ?? .null,
        ]
    }
}

extension PreparedExperiment {
    /// What tells this training from others: all that its configuration says but for what changes no step.
    var identity: String {
        guard case .map(let entries) = configuration else { return "" }
        return JSON.write(.map(entries.filter { !["name", "callbacks"].contains($0.key) }))
    }

    /// The shape of one target: empty for a class, [steps] for one at each step, [width] for values.
    var targetShape: Shape {
        if case .values(_, let width, _) = data.train.targets { return [width] }
        let labels = data.train.labelsPerSample ?? 1
        return labels > 1 ? [labels] : []
    }

    /// A trainer for this experiment, its model's first parameters drawn.
    ///
    /// - Throws: `EngineError` where the first parameters cannot be computed, `EspalierError` where groups or initial
    ///   weights do not fit the model.
    public func makeTrainer(engine: Engine = .current) throws -> Trainer {
        do {
            let trainer = try Trainer(
                model, loss: loss, metrics: metrics, optimizer: experiment.optimizer, schedule: experiment.schedule,
                penalty: experiment.regularization, gradient: experiment.gradient, groups: experiment.groups,
                averaging: experiment.averaging, settings: experiment.training, callbacks: experiment.callbacks,
                doctor: experiment.doctor, sampleShape: Shape(data.train.sampleShape), targetShape: targetShape,
                targetKind: data.train.targets.kind, augmentations: experiment.augment, targetScaler: targetScaler,
                loader: experiment.data.loader, engine: engine)
            try loadInitialWeights(into: trainer.state)
            return trainer
        } catch var error as EspalierError {
            // Groups and the optimiser are the configuration's; their places are known by their paths.
            if let place = error.location, place.hasPrefix("groups") || place == "optimizer" {
                error.location = experiment.places[place]
            }
            throw error
        }
    }

    /// A file that is not there is the configuration's mistake; what does not fit is the file's.
    private func loadInitialWeights(into state: ModelState) throws {
        guard let weights = experiment.initialWeights?.anchored(in: experiment.data.root) else { return }
        do {
            try weights.load(into: state)
        } catch var error as EspalierError where !SystemFile.exists(weights.file) {
            error.what = "\(weights.file): \(error.what)"
            error.location = experiment.places["initialWeights.file"]
            throw error
        }
    }
}

extension DataSplit {
    /// The part that tells best how the model does on what it has not seen, and its name.
    var heldOut: (name: String, data: Dataset)? {
        test.map { ("test", $0) } ?? validation.map { ("validation", $0) }
    }
}

extension Dataset {
    /// How many samples of each class (row) were taken for each (column).
    func confusion(with probabilities: [Float], classes: Int) -> [[Int]] {
        guard labelsPerSample == 1, case .classes(let labels, _) = targets else { return [] }
        var matrix = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
        for (sample, label) in labels.enumerated() {
            matrix[Int(label)][largestIndex(probabilities[sample * classes..<(sample + 1) * classes])] += 1
        }
        return matrix
    }
}

/// The position of the largest element, from the start of the slice; the first of equals.
func largestIndex(_ values: ArraySlice<Float>) -> Int {
    var best = values.startIndex
    for index in values.indices where values[index] > values[best] { best = index }
    return best - values.startIndex
}
