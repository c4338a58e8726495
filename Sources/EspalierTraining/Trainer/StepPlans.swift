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
            /// Gradients of a batch that other batches make a step with.
            case accumulate
            /// The same, with what a probe measures.
            case probe
            /// Loss and metrics without a step.
            case evaluate
            /// The model's outputs alone.
            case predict
            /// Loss and gradient once more, within a step that searches.
            case search
            /// What the model says, with its random layers at work as in training.
            case sample
            /// What the layers measure in training, without a step.
            case measure
        }

        var purpose: Purpose
        var batch: Int
        /// The groups whose parameters are frozen, by number.
        var frozen: Set<Int> = []

        var description: String { "\(purpose.rawValue), batch of \(batch)" }
    }

    let state: ModelState
    let loss: any Loss
    let metrics: [any Metric]
    let optimizer: any Optimizer
    let penalty: WeightPenalty
    let gradient: GradientSettings
    let parameterGroups: [ParameterGroup]
    let averaging: Averaging
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
    /// The layers that probes measure, once one is traced.
    var probedLayers: [ProbedLayer] = []
    /// The batch normalisations that they look at.
    var probedNormalizations: [ProbedNormalization] = []
    /// How many numbers each metric notes about a sample, once anything is traced.
    var recordWidths: [Int] = []
    /// What the optimiser keeps.
    let memory: OptimizerMemory
    /// Of an optimiser that evaluates a batch several times in a step.
    let search: ParameterSearch?
    /// The gradients of batches whose step is yet to come, times their weights; nothing where each batch makes a step.
    let accumulated: Tensor?
    /// The weights' average, where it changes with every step.
    let average: Tensor?
    /// For each group of parameters the step after which it began to learn.
    let firstSteps: Tensor?
    /// The groups that have begun to learn, by number.
    var begun: Set<Int> = []
    /// Data whose batches are all of one size needs two plans a purpose: one of whole batches, one of the last.
    static let limit = 16
    private var plans = RecentlyUsed<Key, Executable>(limit: limit)
    /// That of all plans, which run one after the other; but a search asks for a batch again before all is read of it.
    private let workspace = Workspace(), searchWorkspace = Workspace()
    /// Every trace that was made, in order, and why.
    private(set) var traces: [Trace] = []

    init(
        _ state: ModelState, loss: any Loss, metrics: [any Metric], optimizer: any Optimizer, penalty: WeightPenalty,
        gradient: GradientSettings = GradientSettings(), groups: [ParameterGroup] = [], averaging: Averaging = .none,
        sampleShape: Shape, targetShape: Shape, targetKind: TargetKind? = nil, targetScaler: Scaler?, engine: Engine
    ) {
        self.state = state
        self.loss = loss
        self.metrics = metrics
        self.optimizer = optimizer
        self.penalty = penalty
        self.gradient = gradient
        parameterGroups = groups
        self.averaging = averaging
        self.sampleShape = sampleShape
        self.targetShape = targetShape
        self.targetKind = targetKind ?? type(of: loss).target
        let sample = Shape([1] + targetShape.dimensions)
        weighsSamples = loss.weights(.input("targets", sample, self.targetKind == .classes ? .int32 : .float32)) != nil
        self.targetScaler = targetScaler
        self.engine = engine
        memory = OptimizerMemory(optimizer, state, groups: groups)
        search = ParameterSearch(optimizer, state, memory)
        func kept(_ count: Int, _ name: String) -> Tensor { Tensor(Storage(count: count), [count], name: name) }
        let count = state.parameters.storage.count
        accumulated = gradient.accumulate > 1 ? kept(count, "accumulated gradient") : nil
        average = averaging.exponential == nil ? nil : kept(count, "average")
        firstSteps = groups.isEmpty ? nil : kept(groups.count, "first steps")
    }

    /// The plan for `key`, traced if it is asked for the first time.
    func plan(_ key: Key) throws -> Executable {
        if let plan = plans[key] { return plan }
        traces.append(Trace(plan: key.description, reason: reason(for: key)))
        let plan = try engine.compile(trace(key), in: key.purpose == .search ? searchWorkspace : workspace)
        plans[key] = plan
        return plan
    }

    private func reason(for key: Key) -> String {
        let alike = plans.keys.filter { $0.purpose == key.purpose }
        if let other = alike.first(where: { $0.batch == key.batch }) {
            let learning = parameterGroups.indices.filter { other.frozen.contains($0) && !key.frozen.contains($0) }
            let freezing = parameterGroups.indices.filter { key.frozen.contains($0) && !other.frozen.contains($0) }
            return [("unfrozen", learning), ("frozen", freezing)].filter { !$1.isEmpty }
                .map { "\($0): \($1.map { parameterGroups[$0].match.description }.joined(separator: ", "))" }
                .joined(separator: "; ")
        }
        let sizes = Set(alike.map(\.batch))
        return sizes.isEmpty
            ? "first use"
            : "batch size \(key.batch) instead of \(sizes.sorted().map(String.init).joined(separator: ", "))"
    }

    /// Bytes of parameters, statistics, kept values and what the plans compute with.
    var bytes: Int {
        let state = self.state.parameters.storage.count + self.state.statistics.storage.count
        let kept = memory.count + (accumulated?.count ?? 0) + (average?.count ?? 0)
        return (state + kept) * 4 + workspace.bytes + searchWorkspace.bytes
    }

    /// The memory of the optimiser's kept values, in the order of their names.
    var slots: [Storage] { memory.storages.map(\.storage) }

    /// Forgets what the optimiser kept, as before the first step.
    func clearSlots() {
        firstSteps?.leaf?.storage?.floats.update(repeating: 0)
        begun = []
        memory.clear()
        search?.clear()
    }

    /// Forgets the gradients of batches before, as a step begins.
    func clearAccumulated() { accumulated?.leaf?.storage?.floats.update(repeating: 0) }

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
        setMode(for: key)
        let targets = targets(for: key)
        if key.purpose == .measure { return traceMeasurement(x, targets) }
        let (outputs, layers) = key.purpose == .probe ? observedForward(x) : (state.model(x), [])
        if key.purpose == .probe { probedLayers = layers }
        let scores = scores(of: outputs, targets)
        if key.purpose == .evaluate { return Computation(inputs: [x, targets], outputs: scores) }
        let step = traceStep(key, scores, inputs: [x, targets])
        return search == nil ? step : searching(step, scores[0], again: key.purpose == .search)
    }

    func unscaled(_ values: Tensor) -> Tensor {
        guard let targetScaler else { return values }
        let width = targetScaler.offset.count
        // A constant column has factor 0: its values are the offset.
        let spread = targetScaler.factor.map { $0 == 0 ? 0 : Float(1 / $0) }
        return values * Tensor(spread, [width]) + Tensor(targetScaler.offset.map(Float.init), [width])
    }

    /// What the layers assigned to their statistics during this trace.
    func takeStatistics() -> [Tensor] { state.contents.statistics.map { _, slot in slot.takeNext() } }

    func statisticUpdate(_ next: [Tensor]) -> [Computation.Update] {
        guard !next.isEmpty else { return [] }
        let statistics = state.statistics
        return [.init(statistics.tensor, statistics.assemble(next, in: 0..<statistics.storage.count))]
    }
}

/// A graph that was traced and compiled, and why.
public struct Trace: Sendable, Hashable {
    /// What the plan is for: its purpose and the batch size.
    public var plan: String
    /// Why it was needed.
    public var reason: String
}
