import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Foundation

/// Trains a model: the loop over epochs and batches around the one compiled step.
///
/// ```swift
/// let model = Sequential {
///     Linear(64, 128)
///     ReLU()
///     Linear(128, 10)
/// }
/// let trainer = try Trainer(model, loss: CrossEntropyLoss(), optimizer: Adam(), sampleShape: [64])
/// let result = try trainer.fit(split.train, validation: split.validation)
/// ```
public final class Trainer {
    /// How long and in what pieces to train.
    public let settings: TrainingSettings
    /// The factor on the learning rate at each step.
    public let schedule: any Schedule
    /// What follows the training, and may end it.
    public let callbacks: [any Callback]
    /// How often gradients, weights and updates are measured.
    public let doctor: DoctorSettings
    /// How batches are made ahead of their steps.
    public let loader: LoaderSettings
    /// The model with its parameters and statistics in memory.
    public let state: ModelState
    /// Told of everything that happens, in this order.
    public var listeners: [any TrainingListener] = []
    /// Asked after every step: whether to end now, keeping what was reached.
    public var shouldInterrupt: () -> Bool = { false }
    /// The learning rate before the schedule; a change holds from the next step on.
    public var learningRate: Double
    /// Notes how long the kernels of the training's steps take; what is computed is the same.
    public var profiler: StepProfiler?

    /// Where `fit` writes checkpoints, as the callback `checkpoint` says; nowhere if nothing.
    public var checkpointPath: String?
    /// What else tells this training from others, for its checkpoints: the configuration that it is made from.
    public var identity = ""

    let plans: StepPlans
    let augmenter: Augmenter
    /// The averages of the weights so far.
    let average: WeightAverage
    /// Which units were silent in the last probes.
    var deadUnits = DeadUnits()
    /// Where each unit's outputs lay in the last probe.
    var drift = ActivationDrift()
    /// Where the loss's curvature is measured, once it was asked for.
    var surface: LossSurface?
    /// All else that changes as a training goes.
    var progress = TrainingProgress()
    /// Where batches come from.
    var loading = Loading()
    /// How many steps an epoch on the present data takes.
    var stepsPerEpoch = 1
    /// What the present training is of, see `fingerprint(of:_:)`.
    var fingerprint = ""
    /// The system call that writes checkpoints; tests put failing ones in its place.
    var writeCall: @Sendable (Int32, UnsafeRawPointer, Int) -> Int = { Foundation.write($0, $1, $2) }

    /// - Parameters:
    ///   - model: Its first parameters are drawn from `settings.seed`.
    ///   - loss: What is made small: its mean over the batch.
    ///   - metrics: What else is measured.
    ///   - optimizer: How parameters follow their gradients.
    ///   - schedule: The factor on the learning rate at each step.
    ///   - penalty: On the size of parameters.
    ///   - gradient: What is done to a gradient before the optimiser sees it.
    ///   - groups: Parameters that are trained otherwise than the rest.
    ///   - averaging: How the weights that are evaluated and kept follow from those that are trained.
    ///   - settings: How long and in what pieces to train.
    ///   - callbacks: What follows the training, and may end it.
    ///   - doctor: How often gradients, weights and updates are measured.
    ///   - sampleShape: The shape of one sample.
    ///   - targetShape: The shape of one target: empty for a class, [steps] for one at each step, [width] for values.
    ///   - targetKind: What targets are, where the loss takes several kinds.
    ///   - augmentations: How training samples are changed, in this order; mixtures come last.
    ///   - targetScaler: How targets were scaled, if they were: metrics are then in their own unit.
    ///   - loader: How batches are made ahead of their steps.
    ///   - engine: What computes.
    /// - Throws: `EspalierError` for a model without parameters, a group without any, augmentations of what they cannot
    ///   change, and an optimiser beside settings that it cannot follow.
    public init(
        _ model: any Layer, loss: any Loss, metrics: [any Metric] = [], optimizer: any Optimizer,
        schedule: any Schedule = ConstantSchedule(), penalty: WeightPenalty = WeightPenalty(),
        gradient: GradientSettings = GradientSettings(), groups: [ParameterGroup] = [], averaging: Averaging = .none,
        settings: TrainingSettings = TrainingSettings(), callbacks: [any Callback] = [],
        doctor: DoctorSettings = .off, sampleShape: Shape, targetShape: Shape = [],
        targetKind: TargetKind? = nil, augmentations: [any Augmentation] = [], targetScaler: Scaler? = nil,
        loader: LoaderSettings = LoaderSettings(), engine: Engine = .current
    ) throws {
        self.settings = settings
        self.schedule = schedule
        self.callbacks = callbacks
        self.doctor = doctor
        self.loader = loader
        learningRate = optimizer.learningRate
        for augmentation in augmentations {
            try Augmenter.check(
                augmentation, sampleShape: sampleShape.dimensions, loss: loss, targetKind ?? type(of: loss).target,
                labels: targetShape.count)
        }
        augmenter = Augmenter(
            augmentations: augmentations, seed: UInt64(settings.seed), sampleShape: sampleShape.dimensions)
        guard !LayerContents(model).parameters.isEmpty else {
            throw EspalierError(
                "the model has no parameters", expected: "a layer that learns", fix: "add a linear layer")
        }
        state = try ModelState(model, seed: UInt64(settings.seed)) { slot in
            StepPlans.group(of: slot, penalty, optimizer, groups)
        }
        try groups.validate(for: state.contents.parameters.map(\.path))
        plans = StepPlans(
            state, loss: loss, metrics: metrics, optimizer: optimizer, penalty: penalty, gradient: gradient,
            groups: groups, averaging: averaging, sampleShape: sampleShape, targetShape: targetShape,
            targetKind: targetKind, targetScaler: targetScaler, engine: engine)
        try plans.checkSearch()
        average = WeightAverage(averaging, plans)
        progress.lossFollower = schedule.follow()
    }

    /// Every graph that was traced and compiled so far, and why.
    public var traces: [Trace] { plans.traces }

    /// Whether the optimiser moves by a search of its own, instead of a step a batch.
    package var searches: Bool { plans.search != nil }

    /// Bytes of parameters, statistics, kept values and plans.
    public var bytes: Int { plans.bytes }

    /// What a training step on a batch of so many samples was compiled to.
    ///
    /// - Throws: `EngineError` where it cannot be compiled.
    public func plan(batchSize: Int) throws -> Plan { try plan(.train, batch: batchSize).plan }

    /// The model with its present weights, made ready to predict batches of one size with the least delay.
    ///
    /// - Throws: `EngineError` where it cannot be compiled.
    public func predictor(batchSize: Int) throws -> Predictor {
        try Predictor(state, sampleShape: plans.sampleShape, batchSize: batchSize, engine: plans.engine)
    }

    // Training

    /// Trains on `train` until the epochs are done or a callback ends it, and restores the best epoch's weights.
    ///
    /// The best epoch is that of the lowest validation loss; without validation data the last weights stay. Where weights
    /// are averaged, validation and what is kept are the averages'.
    ///
    /// - Parameters:
    ///   - train: What to train on.
    ///   - validation: What to choose the best epoch by.
    ///   - checkpoint: Where a training with the same settings and data stopped, to go on to the same bytes.
    /// - Throws: `EspalierError` for data or batches that the model cannot take, and for the checkpoint of another
    ///   training, `EngineError` for a label out of range, and whatever a listener throws.
    public func fit(
        _ train: Dataset, validation: Dataset? = nil, resuming checkpoint: Checkpoint? = nil
    ) throws -> TrainingResult {
        try prepare(train, validation)
        loading = Loading()
        if let checkpoint {
            try restore(checkpoint.snapshot)
        } else {
            if state.awaitsBatch {
                let order = DataOrder.permutation(count: train.count, seed: UInt64(settings.seed), epoch: 1)
                try scaleToUnitVariance(order.prefix(settings.batchSize), of: train)
            }
            progress.begin(callbacks, schedule)
            average.begin()
        }
        let saver = CheckpointSaver(self, resuming: checkpoint)
        defer { saver?.wait() }
        try announce(train, validation)

        while progress.end == nil, progress.history.count < settings.epochs {
            if progress.position == 0 { try beginEpoch() }
            if try trainEpoch(train, validation, saver), progress.end == nil { try endEpoch(train, validation) }
        }
        try saver?.saveLast()
        return try finish(train)
    }

    /// Checks the data, and says what the training is of.
    func prepare(_ train: Dataset, _ validation: Dataset?) throws {
        try check(train)
        try checkBatches(of: train)
        if let validation { try check(validation) }
        planSteps(for: train)
        fingerprint = fingerprint(of: train, validation)
    }

    private func beginEpoch() throws {
        progress.beginEpoch(state)
        plans.beginEpoch(progress.epoch, after: progress.step - progress.origin)
        guard settings.nonFinite == .rollBack else { return }
        let snapshot = try takeSnapshot(withRollBack: false)
        progress.freshRollBack = snapshot
        progress.rollBack = progress.rollBack ?? snapshot
    }

    /// What is left of a pass over the training data; where the training must end within it, `progress.end` says why.
    ///
    /// - Returns: Whether the epoch is done; where not, it begins anew.
    private func trainEpoch(
        _ train: Dataset, _ validation: Dataset?, _ saver: CheckpointSaver?
    ) throws -> Bool {
        let steps = steps(of: train, epoch: progress.epoch)
        try beginLoading(Array(steps[progress.position...]), of: train)
        defer { endLoading() }
        while progress.position < steps.count, progress.end == nil {
            if doctor.curvatureEvery > 0, step % doctor.curvatureEvery == 0 {
                try send(.curvature(curvature(on: train)))
            }
            let batches = steps[progress.position], isProbe = doctor.probeEvery > 0 && step % doctor.probeEvery == 0
            let taken = try takeStep(batches, of: train, isProbe: isProbe)
            progress.position += 1
            let loss = taken.sums.loss
            try send(
                .step(step: step, epoch: epoch, stepsPerEpoch: steps.count, loss: loss, learningRate: lastRate))
            if let probe = taken.probe { try send(.probe(probe)) }
            if let fault = taken.fault {
                if try handle(fault, loss: loss, batches, of: train) { return false }
                if progress.end != nil { break }
            } else {
                note(taken.sums)
                progress.lossVariation.note(loss)
                if taken.wasClipped { progress.clipped += 1 }
            }
            // Before anyone may interrupt, so that it is not left out where the training is resumed.
            if let validation { try validateWithinEpoch(train, validation) }
            endStep()
            try saver?.stepEnded()
        }
        return true
    }

    /// Adds what a step measured to what its epoch has.
    private func note(_ step: ScoreSums) {
        progress.prove()
        // Held once, so that what metrics note is added in place.
        var sums = progress.sums ?? ScoreSums(plans)
        progress.sums = nil
        sums.add(step)
        progress.sums = sums
    }

    /// The batches of each step of an epoch.
    private func steps(of train: Dataset, epoch: Int) -> [[ArraySlice<Int>]] {
        let order = DataOrder.permutation(count: train.count, seed: UInt64(settings.seed), epoch: epoch)
        let batches = Batches(order, size: settings.batchSize, dropLast: settings.dropLast)
        return Batches(Array(batches.indices), size: plans.gradient.accumulate).map { $0.map { batches[$0] } }
    }

    /// Asks who may interrupt a training.
    private func endStep() {
        if shouldInterrupt(), progress.end == nil {
            progress.end = .init(.interrupted, "interrupted after step \(step)")
        }
        let seconds = progress.time.ownSeconds
        for index in progress.followers.indices {
            let reason = progress.followers[index].stepEnded(step, seconds: seconds)
            if let reason, progress.end == nil { progress.end = .init(.interrupted, reason) }
        }
    }

    /// Puts the weights in place that are to be kept.
    private func finish(_ train: Dataset) throws -> TrainingResult {
        let count = settings.epochs
        let end = progress.end ?? .init(.completed, count == 1 ? "the epoch is done" : "all \(count) epochs are done")
        let good = progress.good
        if let best = progress.best {
            state.restore(best.state)
        } else if end.status == .diverged, let good {
            state.restore(good)
        } else {
            try adoptAverages(of: train)
        }
        if end.status == .diverged {
            plans.clearSlots()
            progress.origin = step
            average.restart(with: state.parameters)
        }
        let isWithinEpoch = end.status == .diverged || end.status == .interrupted
        let result = TrainingResult(
            status: end.status, message: end.message, history: progress.history,
            best: progress.best?.record ?? (isWithinEpoch ? nil : progress.history.last), steps: step,
            seconds: progress.time.seconds, waitingShare: loading.share)
        try send(.stop(result))
        return result
    }

    /// The memory of a plan has room for samples and targets of just these shapes.
    func check(_ data: Dataset) throws {
        try checkShape(of: data)
        let found: String
        switch (data.targets, plans.targetKind) {
        case (.classes(let labels, _), .classes):
            guard labels.count != data.count * plans.targetShape.count else { return }
            found = "\(labels.count / data.count) labels for each sample"
        case (.values(_, let width, _), .values) where plans.targetShape.rank == 1 && plans.targetShape[0] == width:
            return
        case (.classes, _): found = "classes as targets"
        case (.values(_, let width, _), _): found = "\(width) values as targets"
        }
        let width = plans.targetShape.count
        let classes = width == 1 ? "a class" : "\(width) classes"
        throw EspalierError(
            found, at: data.name,
            expected: plans.targetKind == .classes
                ? "\(classes) for each sample, for the loss \(type(of: plans.loss).name)"
                : "values of width \(width), as the model was made for")
    }

    func checkShape(of data: Dataset) throws {
        guard data.sampleShape != plans.sampleShape.dimensions else { return }
        throw EspalierError(
            "samples of shape \(data.sampleShape)", at: data.name,
            expected: "samples of shape \(plans.sampleShape), which the model was made for")
    }

    /// There is a batch, and none that batch normalisation could take no variance from.
    func checkBatches(of train: Dataset) throws {
        let size = settings.batchSize, rest = train.count % size
        guard !settings.dropLast || train.count >= size else {
            throw EspalierError(
                "\(train.count) samples make no whole batch of \(size), and dropLast leaves out all others",
                at: train.name, expected: "at least \(size) samples", fix: "a smaller batchSize, or dropLast: false")
        }
        let smallest = rest > 0 && !settings.dropLast ? rest : size
        guard smallest > 1 || !normalizesBatches else {
            throw EspalierError(
                "batch normalization has no variance in a batch of one sample, and \(train.count) samples in batches of "
                    + "\(size) leave one", at: train.name, expected: "batches of two or more samples",
                fix: size > 1 ? "dropLast: true, or another batchSize" : "a batchSize of at least 2")
        }
    }

    var normalizesBatches: Bool { state.contents.layers.contains { $0.layer is BatchNorm } }

    /// The plan for a batch of that size; if it had to be traced, that is told.
    func plan(_ purpose: StepPlans.Key.Purpose, batch: Int) throws -> Executable {
        let known = plans.traces.count
        let learns = purpose != .evaluate && purpose != .predict
        let executable = try plans.plan(.init(purpose: purpose, batch: batch, frozen: learns ? frozen : []))
        for trace in plans.traces[known...] { try send(.trace(trace)) }
        return executable
    }

    // Telling

    func send(_ event: TrainingEvent) throws {
        for listener in listeners { try listener.handle(event) }
    }

    private func announce(_ train: Dataset, _ validation: Dataset?) throws {
        let start = TrainingStart(
            layers: LayerSummary.table(state.model, sampleShape: plans.sampleShape), parameters: state.parameterCount,
            statistics: state.statisticCount, trainingSamples: train.count, validationSamples: validation?.count ?? 0,
            stepsPerEpoch: stepsPerEpoch, threads: plans.engine.threads, optimizer: describe(plans.optimizer),
            schedule: plannedRates, loss: type(of: plans.loss).name, learningRate: learningRate,
            isClassification: plans.targetKind == .classes, settings: settings, penalty: plans.penalty,
            frozen: plans.neverLearning)
        try send(.start(start))
    }
}

/// `adam: learningRate 0.001, betas [0.9,0.999], eps 1e-08`; the name alone where there are no settings.
func describe(_ part: some Specification) -> String {
    guard case .map(let settings) = part.configuration, !settings.isEmpty else { return type(of: part).name }
    let values = settings.map { "\($0.key) \(JSON.write($0.value))" }
    return "\(type(of: part).name): \(values.joined(separator: ", "))"
}

// What steps look at, of all that changes.
extension Trainer {
    /// Steps taken so far.
    var step: Int {
        get { progress.step }
        set { progress.step = newValue }
    }
    /// Steps before the optimiser last began anew.
    var origin: Int { progress.origin }
    /// The epoch that steps belong to, from 1.
    var epoch: Int { progress.epoch }
    /// The rate of the last step.
    var lastRate: Double {
        get { progress.lastRate }
        set { progress.lastRate = newValue }
    }
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
