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
    private let augmenter: Augmenter
    private var step = 0

    /// - Parameters:
    ///   - model: Its first parameters are drawn from `settings.seed`.
    ///   - loss: What is made small: its mean over the batch.
    ///   - metrics: What else is measured.
    ///   - optimizer: How parameters follow their gradients.
    ///   - schedule: The factor on the learning rate at each step.
    ///   - penalty: On the size of parameters.
    ///   - settings: How long and in what pieces to train.
    ///   - callbacks: What follows the training, and may end it.
    ///   - doctor: How often gradients, weights and updates are measured.
    ///   - sampleShape: The shape of one sample.
    ///   - targetShape: The shape of one target: empty for a class, [steps] for one at each step, [width] for values.
    ///   - targetKind: What targets are, where the loss takes several kinds.
    ///   - augmentations: How training samples are changed, in this order; mixtures come last.
    ///   - targetScaler: How targets were scaled, if they were: metrics are then in their own unit.
    ///   - engine: What computes.
    /// - Throws: `EspalierError` for a model without parameters, and for augmentations of what they cannot change.
    public init(
        _ model: any Layer, loss: any Loss, metrics: [any Metric] = [], optimizer: any Optimizer,
        schedule: any Schedule = ConstantSchedule(), penalty: WeightPenalty = WeightPenalty(),
        settings: TrainingSettings = TrainingSettings(), callbacks: [any Callback] = [],
        doctor: DoctorSettings = .off, sampleShape: Shape, targetShape: Shape = [],
        targetKind: TargetKind? = nil, augmentations: [any Augmentation] = [], targetScaler: Scaler? = nil,
        engine: Engine = .current
    ) throws {
        self.settings = settings
        self.schedule = schedule
        self.callbacks = callbacks
        self.doctor = doctor
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
            StepPlans.group(of: slot, penalty, optimizer)
        }
        plans = StepPlans(
            state, loss: loss, metrics: metrics, optimizer: optimizer, penalty: penalty, sampleShape: sampleShape,
            targetShape: targetShape, targetKind: targetKind, targetScaler: targetScaler, engine: engine)
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
    /// The best epoch is that of the lowest validation loss; without validation data the last weights stay.
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
        var followers = callbacks.map { $0.follow() }
        var history: [EpochRecord] = []
        var best: (record: EpochRecord, snapshot: ModelState.Snapshot)?
        let initial = state.snapshot()
        var end: (status: TrainingResult.Status, message: String)?
        try announce(train, validation)

        for epoch in 1...settings.epochs where end == nil {
            let epochStart = ContinuousClock.now
            let (scores, interruption) = try trainEpoch(epoch, train)
            if let interruption {
                end = interruption
                break
            }
            let record = EpochRecord(
                epoch: epoch, step: step, train: scores, validation: try validation.map { try evaluate($0) },
                learningRate: rate(at: step - 1), seconds: epochStart.duration(to: .now).seconds)
            history.append(record)
            try send(.epoch(record))
            if validation != nil, record.monitoredLoss.isFinite,
                record.monitoredLoss < best?.record.monitoredLoss ?? .infinity
            {
                best = (record, state.snapshot())
            }
            for index in followers.indices {
                if let reason = followers[index].epochEnded(record), end == nil { end = (.stoppedEarly, reason) }
            }
        }
        if let best {
            state.restore(best.snapshot)
        } else if end?.status == .diverged {
            state.restore(initial)
        }
        if end?.status == .diverged { plans.clearSlots() }
        let isWithinEpoch = end?.status == .diverged || end?.status == .interrupted
        let result = TrainingResult(
            status: end?.status ?? .completed, message: end?.message ?? "all \(settings.epochs) epochs are done",
            history: history, best: best?.record ?? (isWithinEpoch ? nil : history.last), steps: step,
            seconds: start.duration(to: .now).seconds)
        try send(.stop(result))
        return result
    }

    /// One pass over the training data: mean scores, or why the training must end within it.
    private func trainEpoch(
        _ epoch: Int, _ train: Dataset
    ) throws -> (Scores, (TrainingResult.Status, String)?) {
        let order = DataOrder.permutation(count: train.count, seed: UInt64(settings.seed), epoch: epoch)
        let batches = Batches(order, size: settings.batchSize, dropLast: settings.dropLast)
        var sums = ScoreSums(plans)
        for batch in batches {
            let isProbe = doctor.probeEvery > 0 && step % doctor.probeEvery == 0
            let executable = try takeStep(batch, of: train, epoch: epoch, isProbe: isProbe)
            let loss = Double(executable.output(0)[0])
            try send(
                .step(
                    step: step, epoch: epoch, stepsPerEpoch: batches.count, loss: loss, learningRate: rate(at: step - 1)
                ))
            if isProbe { try send(.probe(step: step, epoch: epoch, probes(executable))) }
            guard loss.isFinite else {
                return (sums.scores(), (.diverged, "the loss became \(loss.short) in step \(step), epoch \(epoch)"))
            }
            sums.add(executable, samples: batch.count, plans)
            if shouldInterrupt() { return (sums.scores(), (.interrupted, "interrupted after step \(step)")) }
        }
        // The last step's harm would show in the next loss, which an epoch's end may be without.
        guard state.isFinite else {
            return (sums.scores(), (.diverged, "a parameter is no longer finite after step \(step), epoch \(epoch)"))
        }
        return (sums.scores(), nil)
    }

    /// The memory of a plan has room for samples and targets of just these shapes.
    private func check(_ data: Dataset) throws {
        guard data.sampleShape == plans.sampleShape.dimensions else {
            throw EspalierError(
                "samples of shape \(data.sampleShape)", at: data.name,
                expected: "samples of shape \(plans.sampleShape), which the model was made for")
        }
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

    /// There is a batch, and none that batch normalisation could take no variance from.
    private func checkBatches(of train: Dataset) throws {
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

    private var normalizesBatches: Bool { state.contents.layers.contains { $0.layer is BatchNorm } }

    /// The learning rate of the step with this number, from 0.
    private func rate(at step: Int) -> Double { learningRate * schedule.factor(at: step) }

    /// The plan for a batch of that size; if it had to be traced, that is told.
    func plan(_ purpose: StepPlans.Key.Purpose, batch: Int) throws -> Executable {
        let known = plans.traces.count
        let executable = try plans.plan(.init(purpose: purpose, batch: batch))
        for trace in plans.traces[known...] { try send(.trace(trace)) }
        return executable
    }

    /// One step on the given rows, for a loop of one's own; `fit` does the same within its epochs.
    ///
    /// - Returns: The loss of the batch, before the step.
    /// - Throws: `EspalierError` for data that the model cannot take, `EngineError` for a label out of range.
    @discardableResult
    public func step(on rows: some Collection<Int>, of data: Dataset) throws -> Double {
        try check(data)
        guard rows.count > 1 || !normalizesBatches else {
            throw EspalierError(
                "batch normalization has no variance in a batch of \(rows.count)", at: data.name,
                expected: "a step on two or more samples")
        }
        if state.awaitsBatch { try scaleToUnitVariance(rows, of: data) }
        return Double(try takeStep(rows, of: data, epoch: step + 1).output(0)[0])
    }

    /// What the initialiser `lsuv` does with the first batch.
    private func scaleToUnitVariance(_ rows: some Collection<Int>, of data: Dataset) throws {
        let batch = data[rows]
        state.setKey(RandomKey(seed: UInt64(settings.seed), step: 0))
        try state.scaleToUnitVariance(
            on: Tensor(batch.inputs, Shape([batch.count] + batch.sampleShape)), engine: plans.engine)
    }

    private func takeStep(
        _ rows: some Collection<Int>, of data: Dataset, epoch: Int, isProbe: Bool = false
    ) throws -> Executable {
        if augmenter.mixes { plans.sharedClasses = data.targets.classCount }
        let executable = try plan(isProbe ? .probe : .train, batch: rows.count)
        if let classes = plans.sharedClasses {
            copyShares(rows, of: data, classes: classes, to: executable)
        } else {
            copy(rows, of: data, to: executable)
        }
        augment(rows, in: executable, epoch: epoch)
        executable.input(2).floats[0] = Float(rate(at: step))
        step += 1
        executable.input(3).floats[0] = Float(step)
        state.setKey(RandomKey(seed: UInt64(settings.seed), step: step))
        if let profiler, !isProbe {
            try profiler.run(executable, name: StepPlans.Key(purpose: .train, batch: rows.count).description)
        } else {
            try executable.run()
        }
        if let search = plans.search {
            let again = try plan(.search, batch: rows.count)
            copy(rows, of: data, to: again)
            try search.step(executable, again, learningRate: rate(at: step - 1))
        }
        return executable
    }

    /// Copies a batch to where the plan reads it, on several threads where that pays.
    private func copy(_ rows: some Collection<Int>, of data: Dataset, to executable: Executable) {
        let inputs = executable.input(0), targets = executable.input(1), positions = Array(rows)
        let threads = inputs.count < 65536 ? 1 : plans.engine.threads
        ThreadTeam.forEachBand(of: positions.count, threads: threads) { band in
            data.copyBatch(
                positions[band],
                inputs: inputs.floats.baseAddress! + band.lowerBound * (inputs.count / positions.count),
                targets: targets.pointer + band.lowerBound * (targets.count / positions.count) * 4)
        }
    }

    /// Copies a batch whose targets are the share of each class: all of it for the label.
    private func copyShares(
        _ rows: some Collection<Int>, of data: Dataset, classes: Int, to executable: Executable
    ) {
        guard case .classes(let labels, _) = data.targets else { return }
        var unused = [Int32](repeating: 0, count: rows.count)
        data.copyBatch(rows, inputs: executable.input(0).floats.baseAddress!, targets: &unused)
        let shares = executable.input(1).floats
        shares.update(repeating: 0)
        for (position, row) in rows.enumerated() { shares[position * classes + Int(labels[row])] = 1 }
    }

    private func augment(_ rows: some Collection<Int>, in executable: Executable, epoch: Int) {
        guard !augmenter.augmentations.isEmpty else { return }
        let inputs = executable.input(0).floats
        augmenter.augment(inputs, Array(rows), epoch: epoch, threads: plans.engine.threads)
        guard augmenter.mixes else { return }
        augmenter.mix(inputs, targets: executable.input(1).floats, count: rows.count, step: step)
    }

    private func probes(_ executable: Executable) -> [ParameterProbe] {
        state.parameters.entries.enumerated().map { index, entry in
            func norm(_ offset: Int) -> Double {
                Double(executable.output(plans.scoreCount + 3 * index + offset)[0]).squareRoot()
            }
            return ParameterProbe(
                path: entry.path, gradientNorm: norm(0), weightNorm: norm(1),
                updateNorm: plans.search?.changeNorm(of: entry.path) ?? norm(2))
        }
    }

    // Using the model

    /// Loss and metrics on `data`, in inference.
    ///
    /// - Parameters:
    ///   - data: Any number of samples.
    ///   - intervals: Whether to say between which bounds the metrics lie on other samples like these, for samples that
    ///     the model was not trained on.
    /// - Throws: `EspalierError` for data that the model cannot take, `EngineError` for a label out of range.
    public func evaluate(_ data: Dataset, intervals: Bool = false) throws -> Scores {
        try check(data)
        var sums = ScoreSums(plans)
        for rows in Batches(Array(0..<data.count), size: evaluationBatch) {
            let executable = try plan(.evaluate, batch: rows.count)
            copy(rows, of: data, to: executable)
            try executable.run()
            sums.add(executable, samples: rows.count, plans)
        }
        return sums.scores(intervals: intervals)
    }

    /// The model's outputs for `inputs`, samples of the shape that it was made for, one after the other.
    public func predict(_ inputs: [Float]) throws -> [Float] {
        let size = plans.sampleShape.count
        precondition(inputs.count % size == 0, "\(inputs.count) values are no samples of \(plans.sampleShape)")
        var outputs: [Float] = []
        for rows in Batches(Array(0..<inputs.count / size), size: evaluationBatch) {
            let executable = try plan(.predict, batch: rows.count)
            let range = rows.startIndex * size..<rows.endIndex * size
            _ = executable.input(0).floats.update(fromContentsOf: inputs[range])
            try executable.run()
            outputs += executable.output(0)
        }
        return outputs
    }

    /// Inference keeps nothing for a backward pass, so that its batches may be larger.
    var evaluationBatch: Int { max(settings.batchSize, 256) }

    // Telling

    private func send(_ event: TrainingEvent) throws {
        for listener in listeners { try listener.handle(event) }
    }

    private func announce(_ train: Dataset, _ validation: Dataset?) throws {
        let start = TrainingStart(
            layers: LayerSummary.table(state.model, sampleShape: plans.sampleShape), parameters: state.parameterCount,
            statistics: state.statisticCount, trainingSamples: train.count, validationSamples: validation?.count ?? 0,
            stepsPerEpoch: Batches(Array(0..<train.count), size: settings.batchSize, dropLast: settings.dropLast).count,
            threads: plans.engine.threads, optimizer: describe(plans.optimizer),
            loss: type(of: plans.loss).name, settings: settings)
        try send(.start(start))
    }
}

/// `adam: learningRate 0.001, betas [0.9,0.999], eps 1e-08`.
private func describe(_ optimizer: any Optimizer) -> String {
    guard case .map(let settings) = optimizer.configuration else { return type(of: optimizer).name }
    let values = settings.map { "\($0.key) \(JSON.write($0.value))" }
    return "\(type(of: optimizer).name): \(values.joined(separator: ", "))"
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
