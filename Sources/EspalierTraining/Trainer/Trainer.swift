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

    let plans: StepPlans
    let augmenter: Augmenter
    /// Steps taken so far.
    var step = 0
    /// Steps before the optimiser last began anew.
    var origin = 0
    /// The epoch that steps belong to, from 1.
    var epoch = 1
    /// Follows the validation loss, where the schedule does.
    var lossFollower: (any LossFollower)?
    /// The averages of the weights so far.
    let average: WeightAverage
    /// The rate of the last step.
    var lastRate = 0.0
    /// Where batches come from.
    var loading = Loading()
    /// How many steps an epoch on the present data takes.
    var stepsPerEpoch = 1

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
        lossFollower = schedule.follow()
    }

    /// Every graph that was traced and compiled so far, and why.
    public var traces: [Trace] { plans.traces }

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
    /// - Throws: `EspalierError` for data or batches that the model cannot take, `EngineError` for a label out of range,
    ///   and whatever a listener throws.
    public func fit(_ train: Dataset, validation: Dataset? = nil) throws -> TrainingResult {
        try check(train)
        try checkBatches(of: train)
        if let validation { try check(validation) }
        if state.awaitsBatch {
            let order = DataOrder.permutation(count: train.count, seed: UInt64(settings.seed), epoch: 1)
            try scaleToUnitVariance(order.prefix(settings.batchSize), of: train)
        }
        let start = ContinuousClock.now
        loading = Loading()
        var followers = callbacks.map { $0.follow() }
        var history: [EpochRecord] = []
        var best: (record: EpochRecord, snapshot: ModelState.Snapshot)?
        let initial = state.snapshot()
        var end: (status: TrainingResult.Status, message: String)?
        lossFollower = schedule.follow()
        average.begin()
        try announce(train, validation)

        for epoch in 1...settings.epochs where end == nil {
            let epochStart = ContinuousClock.now
            self.epoch = epoch
            plans.beginEpoch(epoch, after: step - origin)
            let (scores, clippedShare, interruption) = try trainEpoch(epoch, train)
            if let interruption {
                end = interruption
                break
            }
            average.epochEnded(epoch, of: settings.epochs, state.parameters)
            let record = try withAverages(of: train) {
                let record = EpochRecord(
                    epoch: epoch, step: step, train: scores, validation: try validation.map { try evaluate($0) },
                    learningRate: lastRate, seconds: epochStart.duration(to: .now).seconds, clippedShare: clippedShare,
                    waitingShare: loading.epochShare)
                if validation != nil, record.monitoredLoss.isFinite,
                    record.monitoredLoss < best?.record.monitoredLoss ?? .infinity
                {
                    best = (record, state.snapshot())
                }
                return record
            }
            history.append(record)
            try send(.epoch(record))
            lossFollower?.epochEnded(loss: record.monitoredLoss)
            for index in followers.indices {
                if let reason = followers[index].epochEnded(record), end == nil { end = (.stoppedEarly, reason) }
            }
        }
        if let best {
            state.restore(best.snapshot)
        } else if end?.status == .diverged {
            state.restore(initial)
        } else {
            try adoptAverages(of: train)
        }
        if end?.status == .diverged {
            plans.clearSlots()
            origin = step
            average.restart(with: state.parameters)
        }
        let isWithinEpoch = end?.status == .diverged || end?.status == .interrupted
        let result = TrainingResult(
            status: end?.status ?? .completed, message: end?.message ?? "all \(settings.epochs) epochs are done",
            history: history, best: best?.record ?? (isWithinEpoch ? nil : history.last), steps: step,
            seconds: start.duration(to: .now).seconds, waitingShare: loading.share)
        try send(.stop(result))
        return result
    }

    /// One pass over the training data: mean scores and the share of clipped steps, or why the training must end within it.
    private func trainEpoch(
        _ epoch: Int, _ train: Dataset
    ) throws -> (Scores, clipped: Double?, (TrainingResult.Status, String)?) {
        let order = DataOrder.permutation(count: train.count, seed: UInt64(settings.seed), epoch: epoch)
        let batches = Batches(order, size: settings.batchSize, dropLast: settings.dropLast)
        let steps = Batches(Array(batches.indices), size: plans.gradient.accumulate)
        var sums = ScoreSums(plans), clipped = 0
        func ended(_ status: TrainingResult.Status, _ message: String) -> (
            Scores, clipped: Double?, (TrainingResult.Status, String)?
        ) { (sums.scores(), nil, (status, message)) }
        try beginLoading(steps.map { $0.map { batches[$0] } }, of: train)
        defer { endLoading() }
        for parts in steps {
            let isProbe = doctor.probeEvery > 0 && step % doctor.probeEvery == 0
            let taken = try takeStep(parts.map { batches[$0] }, of: train, isProbe: isProbe)
            let loss = taken.sums.loss
            try send(
                .step(step: step, epoch: epoch, stepsPerEpoch: steps.count, loss: loss, learningRate: lastRate))
            if isProbe { try send(.probe(step: step, epoch: epoch, probes(taken.executable))) }
            guard loss.isFinite else {
                return ended(.diverged, "the loss became \(loss.short) in step \(step), epoch \(epoch)")
            }
            sums.add(taken.sums)
            if wasClipped(taken.executable, isProbe: isProbe) { clipped += 1 }
            if shouldInterrupt() { return ended(.interrupted, "interrupted after step \(step)") }
        }
        // The last step's harm would show in the next loss, which an epoch's end may be without.
        guard state.isFinite else {
            return ended(.diverged, "a parameter is no longer finite after step \(step), epoch \(epoch)")
        }
        return (sums.scores(), plans.gradient.clips ? Double(clipped) / Double(steps.count) : nil, nil)
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
        planSteps(for: train)
        let start = TrainingStart(
            layers: LayerSummary.table(state.model, sampleShape: plans.sampleShape), parameters: state.parameterCount,
            statistics: state.statisticCount, trainingSamples: train.count, validationSamples: validation?.count ?? 0,
            stepsPerEpoch: stepsPerEpoch, threads: plans.engine.threads, optimizer: describe(plans.optimizer),
            schedule: plannedRates, loss: type(of: plans.loss).name, settings: settings)
        try send(.start(start))
    }
}

/// `adam: learningRate 0.001, betas [0.9,0.999], eps 1e-08`; the name alone where there are no settings.
func describe(_ part: some Specification) -> String {
    guard case .map(let settings) = part.configuration, !settings.isEmpty else { return type(of: part).name }
    let values = settings.map { "\($0.key) \(JSON.write($0.value))" }
    return "\(type(of: part).name): \(values.joined(separator: ", "))"
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
