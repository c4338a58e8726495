import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec

/// The steps of an optimiser that evaluates a batch several times: the graph gives loss and gradient, L-BFGS the moves.
final class ParameterSearch {
    private let search: LBFGS.Search
    private let parameters: FlatBuffer
    private let gradient: Storage
    private var change: [Double] = []

    /// Nothing for an optimiser whose step is all in the graph.
    init?(_ optimizer: any Optimizer, _ state: ModelState, _ memory: OptimizerMemory) {
        guard let optimizer = optimizer as? LBFGS, let gradient = memory.storages.first?.storage else { return nil }
        search = LBFGS.Search(optimizer)
        parameters = state.parameters
        self.gradient = gradient
    }

    func clear() { search.clear() }

    /// What the search knows of its moves, each vector as long as the parameters.
    var vectors: [[Double]] {
        get { search.vectors }
        set { search.vectors = newValue }
    }

    /// Moves the parameters, unless that would lead to what is not finite; says whether it did.
    ///
    /// - Parameters:
    ///   - first: The plan that has just run at the present parameters.
    ///   - again: The plan for other parameters, with the same batch.
    func step(_ first: Executable, _ again: Executable, learningRate: Double) throws -> Bool {
        let start = parameters.storage.floats.map(Double.init)
        func evaluation(_ executable: Executable) -> LBFGS.Evaluation {
            let objective = executable.output(executable.outputCount - 1)[0]
            return (Double(objective), gradient.floats.map(Double.init))
        }
        change = [Double](repeating: 0, count: start.count)
        let end = try search.step(from: start, learningRate: learningRate, evaluation(first)) { point in
            place(point)
            try again.run()
            return evaluation(again)
        }
        guard end.allSatisfy({ Float($0).isFinite }) else {
            place(start)
            search.clear()
            return false
        }
        place(end)
        change = zip(end, start).map { $0 - $1 }
        return true
    }

    private func place(_ point: [Double]) {
        _ = parameters.storage.floats.update(fromContentsOf: point.lazy.map(Float.init))
    }

    /// The norm of what the last step changed in a parameter; nothing before there was one.
    func changeNorm(of path: String) -> Double? {
        guard !change.isEmpty else { return nil }
        return parameters.entries.first { $0.path == path }.map { entry in
            change[entry.offset..<entry.offset + entry.shape.count].reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
    }
}

extension StepPlans {
    /// Refuses what a search of the parameters on the host could not follow.
    func checkSearch() throws {
        let onlyShrinks = penalty == WeightPenalty(l2: penalty.l2, on: penalty.on)
        guard search != nil,
            gradient != GradientSettings() || !parameterGroups.isEmpty || averaging.exponential != nil
                || !onlyShrinks
        else { return }
        throw EspalierError(
            "\(type(of: optimizer).name) moves all parameters by a search of its own", at: "optimizer",
            expected: "no settings of gradient, groups or averaging: ema beside it, and of regularization l2 alone",
            fix: "leave these out, or take another optimizer")
    }

    /// The traced step for a search: it keeps the parameters, and its last output is what the gradient is of.
    ///
    /// - Parameter again: Whether it is not the first of a step, and so leaves the statistics too.
    func searching(_ step: Computation, _ loss: Tensor, again: Bool) -> Computation {
        var step = step
        step.updates.removeAll {
            $0.target == state.parameters.tensor || (again && $0.target == state.statistics.tensor)
        }
        let penalized = state.contents.parameters.filter { penalty.applies(to: $0.slot) }
        let objective = penalized.reduce(loss) { $0 + penalty.value(of: $1.slot.tensor) }
        // What another point leads to is the search's to judge.
        if again { step.gate = nil }
        step.outputs = (again ? [] : step.outputs) + [objective]
        return step
    }
}

extension WeightPenalty {
    /// What the penalty adds to the loss for a parameter that it applies to.
    func value(of parameter: Tensor) -> Tensor { (l2 / 2) * parameter.squared().sum() }
}
