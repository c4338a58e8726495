import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN

/// The plans that a training replays: one for each mode and batch size, each traced once.
///
/// Only the last `limit` used are kept: predictions may come in batches of any size.
final class StepPlans {
    /// What a plan is for.
    struct Key: Hashable, CustomStringConvertible {
        enum Purpose: String {
            /// A step of the optimiser.
            case train
            /// The same, with the norms that a probe records.
            case probe
            /// Loss and metrics without a step.
            case evaluate
            /// The model's outputs alone.
            case predict
            /// Loss and gradient once more, within a step that searches.
            case search
            /// What the model says, with its random layers at work as in training.
            case sample
        }

        var purpose: Purpose
        var batch: Int

        var description: String { "\(purpose.rawValue), batch of \(batch)" }
    }

    let state: ModelState
    let loss: any Loss
    let metrics: [any Metric]
    let optimizer: any Optimizer
    let penalty: WeightPenalty
    let sampleShape: Shape
    let targetShape: Shape
    let targetKind: TargetKind
    /// Metrics are in the targets' own unit, whatever the loss is computed on.
    let targetScaler: Scaler?
    let engine: Engine
    /// Whether the mean loss divides by something else than the number of samples.
    let weighsSamples: Bool
    /// How many classes there are, where training targets are shares of them instead of labels.
    var sharedClasses: Int?
    /// How many numbers each metric notes about a sample, once anything is traced.
    var recordWidths: [Int] = []
    /// What the optimiser keeps.
    let memory: OptimizerMemory
    /// Of an optimiser that evaluates a batch several times in a step.
    let search: ParameterSearch?
    /// Data whose batches are all of one size needs two plans a purpose: one of whole batches, one of the last.
    static let limit = 16
    private var plans = RecentlyUsed<Key, Executable>(limit: limit)
    /// Every trace that was made, in order, and why.
    private(set) var traces: [Trace] = []

    init(
        _ state: ModelState, loss: any Loss, metrics: [any Metric], optimizer: any Optimizer, penalty: WeightPenalty,
        sampleShape: Shape, targetShape: Shape, targetKind: TargetKind? = nil, targetScaler: Scaler?, engine: Engine
    ) {
        self.state = state
        self.loss = loss
        self.metrics = metrics
        self.optimizer = optimizer
        self.penalty = penalty
        self.sampleShape = sampleShape
        self.targetShape = targetShape
        self.targetKind = targetKind ?? type(of: loss).target
        let sample = Shape([1] + targetShape.dimensions)
        weighsSamples = loss.weights(.input("targets", sample, self.targetKind == .classes ? .int32 : .float32)) != nil
        self.targetScaler = targetScaler
        self.engine = engine
        memory = OptimizerMemory(optimizer, state)
        search = ParameterSearch(optimizer, state, memory)
    }

    /// The number of the group of parameters that take the same step: penalised or not, decaying or not.
    static func group(of slot: Parameter.Slot, _ penalty: WeightPenalty, _ optimizer: any Optimizer) -> Int {
        (penalty.applies(to: slot) ? 0 : 1) + (optimizer.decays(slot) ? 0 : 2)
    }

    /// The plan for `key`, traced if it is asked for the first time.
    func plan(_ key: Key) throws -> Executable {
        if let plan = plans[key] { return plan }
        traces.append(Trace(plan: key.description, reason: reason(for: key)))
        let plan = try engine.compile(trace(key))
        plans[key] = plan
        return plan
    }

    private func reason(for key: Key) -> String {
        let sizes = plans.keys.filter { $0.purpose == key.purpose }.map(\.batch)
        return sizes.isEmpty
            ? "first use"
            : "batch size \(key.batch) instead of \(sizes.sorted().map(String.init).joined(separator: ", "))"
    }

    /// Bytes of parameters, statistics, kept values and all plans.
    var bytes: Int {
        let state = self.state.parameters.storage.count + self.state.statistics.storage.count
        return (state + memory.count) * 4 + plans.values.reduce(0) { $0 + $1.bytes }
    }

    /// The memory of the optimiser's kept values, in the order of their names.
    var slots: [Storage] { memory.storages.map(\.storage) }

    /// Forgets what the optimiser kept, as before the first step.
    func clearSlots() {
        memory.clear()
        search?.clear()
    }

    // Tracing

    func trace(_ key: Key) -> Computation {
        let x = Tensor.input("inputs", Shape([key.batch] + sampleShape.dimensions))
        if key.purpose == .predict {
            state.mode = .inference
            return Computation(inputs: [x], outputs: [state.model(x)])
        }
        defer { state.mode = .inference }
        if key.purpose == .sample {
            state.letRandomLayersDraw()
            return Computation(inputs: [x], outputs: [loss.predictions(state.model(x), of: targetKind)])
        }
        let targets = targets(for: key)
        state.mode = key.purpose == .evaluate ? .inference : .training
        let scores = scores(of: state.model(x), targets)
        if key.purpose == .evaluate { return Computation(inputs: [x, targets], outputs: scores) }
        let step = traceStep(scores[0], scores, inputs: [x, targets], probes: key.purpose == .probe)
        return search == nil ? step : searching(step, scores[0], again: key.purpose == .search)
    }

    func unscaled(_ values: Tensor) -> Tensor {
        guard let targetScaler else { return values }
        let width = targetScaler.offset.count
        // A constant column has factor 0: its values are the offset.
        let spread = targetScaler.factor.map { $0 == 0 ? 0 : Float(1 / $0) }
        return values * Tensor(spread, [width]) + Tensor(targetScaler.offset.map(Float.init), [width])
    }

    /// Backward pass, penalty, the optimiser's update and the statistics': all in the one graph.
    private func traceStep(_ loss: Tensor, _ scores: [Tensor], inputs: [Tensor], probes: Bool) -> Computation {
        let learningRate = Tensor.input("learning rate", []), step = Tensor.input("step", [])
        let parameters = state.parameters
        let gradients = loss.gradients(by: parameters.entries.map { parameters.tensor($0.path)! })
        var newParameters: [Tensor] = []
        for range in state.groups {
            let members = zip(parameters.entries, gradients).filter { range.contains($0.0.offset) }
            var w = parameters.tensor.slice(range)
            var g = parameters.assemble(members.map(\.1), in: range)
            let isPenalized = members.contains { entry, _ in self.isPenalized(entry.path) }
            if isPenalized {
                g = penalty.gradient(g, of: w)
                w = penalty.decayed(w, learningRate: learningRate)
            }
            if members.contains(where: { entry, _ in isDecayed(entry.path) }) {
                w = optimizer.decayed(w, learningRate: learningRate)
            }
            let updated = memory.update(w, gradient: g, in: range, learningRate: learningRate, step: step)
            newParameters.append(isPenalized ? constrained(updated, range, learningRate) : updated)
        }
        let after = Tensor.concatenate(newParameters)
        var updates = [Computation.Update(parameters.tensor, after)]
        updates += memory.updates()
        updates += statisticUpdate()
        let norms = probes ? probeNorms(gradients, after) : []
        return Computation(inputs: inputs + [learningRate, step], outputs: scores + norms, updates: updates)
    }

    private func isPenalized(_ path: String) -> Bool {
        state.contents.parameters.contains { $0.path == path && penalty.applies(to: $0.slot) }
    }

    private func isDecayed(_ path: String) -> Bool {
        state.contents.parameters.contains { $0.path == path && optimizer.decays($0.slot) }
    }

    /// What the layers assigned to their statistics during this trace.
    private func statisticUpdate() -> [Computation.Update] {
        guard !state.contents.statistics.isEmpty else { return [] }
        let next = state.contents.statistics.map { _, slot in slot.takeNext() }
        let statistics = state.statistics
        return [.init(statistics.tensor, statistics.assemble(next, in: 0..<statistics.storage.count))]
    }

    /// For each parameter the squared norms of gradient, parameter and change.
    private func probeNorms(_ gradients: [Tensor], _ after: Tensor) -> [Tensor] {
        let change = after - state.parameters.tensor
        return zip(state.parameters.entries, gradients).flatMap { entry, gradient in
            let range = entry.offset..<entry.offset + entry.shape.count
            return [
                gradient.squared().sum(), state.parameters.tensor.slice(range).squared().sum(),
                change.slice(range).squared().sum(),
            ]
        }
    }
}

/// A graph that was traced and compiled, and why.
public struct Trace: Sendable, Hashable {
    /// What the plan is for: its purpose and the batch size.
    public var plan: String
    /// Why it was needed.
    public var reason: String
}
