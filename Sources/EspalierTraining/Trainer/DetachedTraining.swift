import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Foundation

/// A training beside another: its own kept values and plans, on the same model, whose weights it gives back at the end.
///
/// Samples come as they are, without augmentations, and every batch makes a step.
package final class DetachedTraining {
    let plans: StepPlans
    let trainer: Trainer
    let data: Dataset
    private let original: ModelState.Snapshot
    private let first: ModelState.Snapshot
    private let key: RandomKey
    private let awaitsBatch: Bool
    private var step = 0
    private var looks: [Look: Executable] = [:]

    /// What is looked at beside steps.
    struct Look: Hashable {
        var batch: Int
        var isTraining: Bool
        var withGradient: Bool
    }

    /// Begins one, on which `end` must be called.
    ///
    /// - Throws: `EspalierError` where the data cannot be read, or `lsuv` cannot scale first weights by it.
    package init(_ trainer: Trainer, on data: Dataset) throws {
        var gradient = trainer.plans.gradient
        gradient.accumulate = 1
        let own = trainer.plans
        plans = StepPlans(
            trainer.state, loss: own.loss, metrics: [], optimizer: own.optimizer, penalty: own.penalty,
            gradient: gradient, groups: own.parameterGroups, sampleShape: own.sampleShape,
            targetShape: own.targetShape, targetKind: own.targetKind, targetScaler: nil, engine: own.engine)
        self.trainer = trainer
        self.data = data
        original = trainer.state.snapshot()
        key = trainer.state.presentKey
        awaitsBatch = trainer.state.awaitsBatch
        do {
            if awaitsBatch, let rows = Self.batches(of: data, trainer.settings, epoch: 1).first {
                try trainer.scaleToUnitVariance(rows, of: data)
            }
        } catch {
            trainer.state.restore(original)
            trainer.state.setKey(key)
            trainer.state.awaitsBatch = awaitsBatch
            throw error
        }
        first = trainer.state.snapshot()
    }

    /// Gives the model its weights, statistics and random key back.
    package func end() {
        trainer.state.restore(original)
        trainer.state.setKey(key)
        trainer.state.awaitsBatch = awaitsBatch
    }

    /// Begins anew: the first weights, and nothing that the optimiser kept.
    package func begin() {
        trainer.state.restore(first)
        plans.clearSlots()
        step = 0
    }

    /// The batches of an epoch, in the order in which the training takes them.
    package func batches(epoch: Int) -> [ArraySlice<Int>] { Self.batches(of: data, trainer.settings, epoch: epoch) }

    private static func batches(of data: Dataset, _ settings: TrainingSettings, epoch: Int) -> [ArraySlice<Int>] {
        let order = DataOrder.permutation(count: data.count, seed: UInt64(settings.seed), epoch: epoch)
        return Array(Batches(order, size: settings.batchSize, dropLast: settings.dropLast))
    }

    /// The loss before a step at the given rate.
    @discardableResult
    package func step(on rows: some Collection<Int>, rate: Double) throws -> Double {
        Double(try take(.train, rows, rate: rate).output(0)[0])
    }

    /// A step, seen from the inside.
    package func probe(on rows: some Collection<Int>, rate: Double) throws -> Probe {
        let executable = try take(.probe, rows, rate: rate)
        return plans.probe(executable, batch: rows.count, step: 0, epoch: 1)
    }

    private func take(
        _ purpose: StepPlans.Key.Purpose, _ rows: some Collection<Int>, rate: Double
    ) throws -> Executable {
        let executable = try plans.plan(.init(purpose: purpose, batch: rows.count, frozen: trainer.frozen))
        try trainer.copy(rows, of: data, to: executable)
        step += 1
        executable.input(2).floats[0] = Float(rate)
        executable.input(3).floats[0] = Float(step)
        trainer.state.setKey(RandomKey(seed: UInt64(trainer.settings.seed), step: step))
        try executable.run()
        return executable
    }

    /// Lets the layers measure a batch for their statistics, without a step.
    package func measure(_ rows: some Collection<Int>) throws {
        guard trainer.state.statisticCount > 0 else { return }
        let executable = try plans.plan(.init(purpose: .measure, batch: rows.count, frozen: trainer.frozen))
        try trainer.copy(rows, of: data, to: executable)
        try executable.run()
    }

    /// The loss as it is; random layers draw the same each time.
    ///
    /// - Parameters:
    ///   - rows: The samples.
    ///   - targetRows: Whose targets they are compared with; their own if not given.
    ///   - isTraining: Whether the layers train or infer.
    package func loss(
        on rows: [Int], targetsOf targetRows: [Int]? = nil, training isTraining: Bool = false
    ) throws -> Double {
        let executable = try look(.init(batch: rows.count, isTraining: isTraining, withGradient: false))
        try trainer.copy(rows, of: data, to: executable)
        if let targetRows { data.copyTargets(targetRows, to: executable.input(1).pointer) }
        try executable.run()
        return Double(executable.output(0)[0])
    }

    /// The gradient of the loss in training as parameters lie in memory, without penalties and clipping.
    package func gradient(on rows: [Int]) throws -> [Float] {
        let executable = try look(.init(batch: rows.count, isTraining: true, withGradient: true))
        try trainer.copy(rows, of: data, to: executable)
        try executable.run()
        return Array(executable.output(1))
    }

    private func look(_ look: Look) throws -> Executable {
        trainer.state.setKey(RandomKey(seed: UInt64(trainer.settings.seed), step: 1))
        if let known = looks[look] { return known }
        let executable = try plans.engine.compile(plans.trace(look, frozen: trainer.frozen))
        looks[look] = executable
        return executable
    }

    /// What of a training step on `rows` is not finite first.
    package func nonFiniteOrigin(on rows: ArraySlice<Int>) throws -> NonFiniteOrigin? {
        let key = StepPlans.Key(purpose: .train, batch: rows.count, frozen: trainer.frozen)
        let executable = try plans.plan(key)
        try trainer.copy(rows, of: data, to: executable)
        trainer.state.setKey(RandomKey(seed: UInt64(trainer.settings.seed), step: 1))
        return try NonFiniteSearch(plans, key: key, inputs: [executable.input(0), executable.input(1)])
            .find(rows, of: data)
    }

    /// How many arithmetic operations a step on so many samples is.
    package func operations(batch: Int) -> Int {
        let step = plans.trace(.init(purpose: .train, batch: batch, frozen: trainer.frozen))
        let roots = step.outputs + step.updates.map(\.value)
        return Tensor.topologicalOrder(of: roots.map(\.node)).reduce(0) { $0 + $1.operations }
    }

    /// The paths of the parameters that learn in the first epoch.
    package var learning: Set<String> {
        let frozen = trainer.frozen
        let paths = trainer.state.parameters.entries.map(\.path)
        return Set(
            paths.filter { path in plans.parameterGroups.index(of: path).map { !frozen.contains($0) } ?? true })
    }

    package var parameters: FlatBuffer { trainer.state.parameters }

    /// The loss where the model answers every sample the same: the least that some such answers have, which are the mean
    /// and the median of the targets, or the shares of the classes and their logarithms.
    package func constantLoss(on rows: [Int]) throws -> Double? {
        let key = StepPlans.Key(purpose: .evaluate, batch: rows.count)
        let targets = plans.targets(for: key)
        let shape = trainer.state.model(.input("inputs", Shape([rows.count] + plans.sampleShape.dimensions))).shape
        let losses = Self.constantAnswers(for: data[rows].targets).filter { $0.count == shape.dimensions.last }.map {
            plans.loss.mean(Tensor($0.map(Float.init), [$0.count]).broadcast(to: shape), targets)
        }
        guard !losses.isEmpty else { return nil }
        let executable = try plans.engine.compile(Computation(inputs: [targets], outputs: losses))
        data.copyTargets(rows, to: executable.input(0).pointer)
        try executable.run()
        return losses.indices.map { Double(executable.output($0)[0]) }.filter(\.isFinite).min()
    }

    private static func constantAnswers(for targets: Dataset.Targets) -> [[Double]] {
        switch targets {
        case .classes(let labels, let names):
            let shares = names.indices.map { index in
                Double(labels.count { Int($0) == index }) / Double(labels.count)
            }
            let logits = shares.map { log(max($0, 1e-6)) }
            return [shares, logits] + (shares.count == 2 ? [[shares[1]], [logits[1] - logits[0]]] : [])
        case .values(let values, let width, _):
            let columns = (0..<width).map { column in
                stride(from: column, to: values.count, by: width).map { Double(values[$0]) }.sorted()
            }
            return [columns.map { $0.reduce(0, +) / Double($0.count) }, columns.map { $0[$0.count / 2] }]
        }
    }

    /// The first values of a parameter, and where it lies in memory.
    package func first(_ entry: (path: String, shape: Shape, offset: Int)) -> ArraySlice<Float> {
        first.parameters[entry.offset..<entry.offset + entry.shape.count]
    }
}

extension StepPlans {
    /// The mean loss of a batch and, where asked for, its gradient; nothing is updated.
    fileprivate func trace(_ look: DetachedTraining.Look, frozen: Set<Int>) -> Computation {
        let key = Key(purpose: look.isTraining ? .train : .evaluate, batch: look.batch, frozen: frozen)
        let x = Tensor.input("inputs", Shape([look.batch] + sampleShape.dimensions)), targets = targets(for: key)
        setMode(for: key)
        defer { state.mode = .inference }
        let loss = self.loss.mean(state.model(x), targets)
        // What the layers measured is for nobody.
        _ = takeStatistics()
        guard look.withGradient else { return Computation(inputs: [x, targets], outputs: [loss]) }
        let entries = state.parameters.entries
        let gradients = loss.gradients(by: entries.map { state.parameters.tensor($0.path)! })
        let flat = state.parameters.assemble(gradients, in: 0..<state.parameters.storage.count)
        return Computation(inputs: [x, targets], outputs: [loss, flat])
    }
}
