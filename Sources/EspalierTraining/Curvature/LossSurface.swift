import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec

/// The loss in training as a function of the parameters that learn, on fixed samples: its gradient, and products of its
/// Hessian with vectors.
///
/// The loss is the mean of those of batches, without penalties and augmentations; random layers draw the same for each. No
/// parameter or statistic is changed.
final class LossSurface {
    private unowned let trainer: Trainer
    /// As the parameters lie in memory: what the Hessian is multiplied with, and what comes of it.
    private let vector: FlatBuffer
    private let sum: Storage
    private var executables: [Look: Executable] = [:]

    private struct Look: Hashable {
        var isProduct: Bool
        var batch: Int
        var frozen: Set<Int>
    }

    init(_ trainer: Trainer) {
        self.trainer = trainer
        vector = FlatBuffer(trainer.state.parameters.entries.map { ($0.path, $0.shape) }, name: "vector")
        sum = Storage(count: vector.storage.count)
    }

    private var plans: StepPlans { trainer.plans }
    private var state: ModelState { trainer.state }

    /// The places of the learning parameters in memory.
    var places: [Range<Int>] {
        let frozen = trainer.frozen
        return state.parameters.entries.filter { learns($0.path, frozen) }
            .map { $0.offset..<$0.offset + $0.shape.count }
    }

    private func learns(_ path: String, _ frozen: Set<Int>) -> Bool {
        plans.parameterGroups.index(of: path).map { !frozen.contains($0) } ?? true
    }

    /// The mean over the batches of their gradients, and the mean of these gradients' squared norms.
    func gradient(on batches: [ArraySlice<Int>], of data: Dataset) throws -> (mean: [Float], squaredNorm: Double) {
        var norms = 0.0
        try add(isProduct: false, batches, of: data) { norms += Double($0.output(0)[0]) }
        return (sum.floats.map { $0 / Float(batches.count) }, norms / Double(batches.count))
    }

    /// The Hessian of the mean loss of the batches, times `values`.
    func product(_ values: [Float], on batches: [ArraySlice<Int>], of data: Dataset) throws -> [Float] {
        _ = vector.storage.floats.update(fromContentsOf: values)
        try add(isProduct: true, batches, of: data)
        return sum.floats.map { $0 / Float(batches.count) }
    }

    private func add(
        isProduct: Bool, _ batches: [ArraySlice<Int>], of data: Dataset, _ note: (Executable) -> Void = { _ in }
    ) throws {
        sum.floats.update(repeating: 0)
        state.setKey(RandomKey(seed: UInt64(trainer.settings.seed), ["curvature"]))
        for rows in batches {
            let look = Look(isProduct: isProduct, batch: rows.count, frozen: trainer.frozen)
            let executable = try executables[look] ?? plans.engine.compile(trace(look))
            executables[look] = executable
            try trainer.copy(rows, of: data, to: executable)
            try executable.run()
            note(executable)
        }
    }

    private func trace(_ look: Look) -> Computation {
        let key = StepPlans.Key(purpose: .measure, batch: look.batch, frozen: look.frozen)
        let x = Tensor.input("inputs", Shape([look.batch] + plans.sampleShape.dimensions))
        let targets = plans.targets(for: key)
        plans.setMode(for: key)
        defer { state.mode = .inference }
        let loss = plans.loss.mean(state.model(x), targets)
        // What the layers measured is for nobody.
        _ = plans.takeStatistics()
        let entries = state.parameters.entries
        let learning = entries.map(\.path).filter { learns($0, look.frozen) }
        let parameters = learning.map { state.parameters.tensor($0)! }
        let gradients = loss.gradients(by: parameters)
        var terms = gradients, output = gradients.map { $0.squared().sum() }.reduce(0, +)
        if look.isProduct {
            // The vector does not depend on the parameters, so that the derivative of g v is H v.
            output = zip(learning, gradients).map { ($1 * vector.tensor($0)!).sum() }.reduce(0, +)
            terms = output.gradients(by: parameters)
        }
        let found = Dictionary(uniqueKeysWithValues: zip(learning, terms))
        let whole = state.parameters.assemble(
            entries.map { found[$0.path] ?? .zeros($0.shape) }, in: 0..<state.parameters.storage.count)
        let before = Tensor(sum, [sum.count], name: "sum")
        return Computation(inputs: [x, targets], outputs: [output], updates: [.init(before, before + whole)])
    }
}

extension Trainer {
    /// Runs `body` on the loss surface, and leaves the training as it was.
    func onLossSurface<Result>(of data: Dataset, _ body: (LossSurface) throws -> Result) throws -> Result {
        try check(data)
        let key = state.presentKey
        defer { state.setKey(key) }
        // First weights that wait for a batch are what a training begins with once they have seen it.
        let scaled = state.awaitsBatch ? try DetachedTraining(self, on: data) : nil
        defer { scaled?.end() }
        let surface = surface ?? LossSurface(self)
        self.surface = surface
        return try body(surface)
    }

    /// Samples in batches of one size, in random order; those that make no whole batch are left out.
    func surfaceBatches(_ rows: [Int], size: Int, of data: Dataset) throws -> [ArraySlice<Int>] {
        guard size > 1 || !normalizesBatches else {
            throw EspalierError(
                "batch normalization has no variance in a batch of one sample", at: data.name,
                expected: "batches of two or more samples", fix: "more samples, or a batchSize of at least 2")
        }
        return Array(Batches(rows, size: size, dropLast: true))
    }
}
