import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec

// One step: its batches filled in, the plan executed.
extension Trainer {
    /// One step on the given rows, for a loop of one's own; `fit` does the same within its epochs.
    ///
    /// - Returns: The loss of the batch, before the step.
    /// - Throws: `EspalierError` for data that the model cannot take or that cannot be read, `EngineError` for a label out of
    ///   range.
    @discardableResult
    public func step(on rows: some Collection<Int>, of data: Dataset) throws -> Double {
        try check(data)
        guard rows.count > 1 || !normalizesBatches else {
            throw EspalierError(
                "batch normalization has no variance in a batch of \(rows.count)", at: data.name,
                expected: "a step on two or more samples")
        }
        if state.awaitsBatch { try scaleToUnitVariance(rows, of: data) }
        planSteps(for: data)
        return try takeStep([Array(rows)[...]], of: data).sums.loss
    }

    /// What a step came to.
    struct StepOutcome {
        /// Loss and metrics of its batches.
        var sums: ScoreSums
        /// Which numbers were not finite, if any.
        var fault: StepFault?
        var wasClipped: Bool
        /// What a probe saw.
        var probe: Probe?
    }

    /// What the initialiser `lsuv` does with the first batch.
    func scaleToUnitVariance(_ rows: some Collection<Int>, of data: Dataset) throws {
        let batch = data[rows]
        state.setKey(RandomKey(seed: UInt64(settings.seed), step: 0))
        try state.scaleToUnitVariance(
            on: Tensor(batch.inputValues(), Shape([batch.count] + batch.sampleShape)), engine: plans.engine)
    }

    /// The groups of parameters that do not learn in the present epoch.
    var frozen: Set<Int> { plans.frozenGroups(in: epoch) }

    /// A step on the mean over the samples of all `batches`.
    func takeStep(
        _ batches: [ArraySlice<Int>], of data: Dataset, isProbe: Bool = false
    ) throws -> StepOutcome {
        var sums = ScoreSums(plans), isGood = true
        // Also what a step left that ended in an error.
        plans.clearAccumulated()
        average.stepBegins(state.parameters)
        if augmenter.mixes { plans.sharedClasses = data.targets.classCount }
        // Each batch changes them, and a later one, or a search that leads nowhere, may make that undone.
        let statistics = batches.count > 1 || plans.search != nil ? Array(state.statistics.storage.floats) : []
        for (number, rows) in batches.dropLast().enumerated() {
            let executable = try plan(.accumulate, batch: rows.count)
            try fill(executable, rows, of: data, part: number)
            state.setKey(RandomKey(seed: UInt64(settings.seed), ["step", String(step + 1), String(number)]))
            try executable.run()
            sums.add(executable, samples: rows.count, plans)
            if !executable.output(executable.outputCount - 1)[0].isFinite { isGood = false }
        }
        guard let rows = batches.last else { preconditionFailure("a step takes at least one batch") }
        let executable = try plan(isProbe ? .probe : .train, batch: rows.count)
        try fill(executable, rows, of: data, part: batches.count - 1)
        lastRate = rate(at: step)
        executable.input(2).floats[0] = Float(lastRate)
        step += 1
        executable.input(3).floats[0] = Float(step - origin)
        // What is no number keeps the step from being taken.
        if plans.accumulated != nil { executable.input(4).floats[0] = isGood ? Float(sums.weight) : .nan }
        state.setKey(RandomKey(seed: UInt64(settings.seed), step: step))
        if let profiler, !isProbe {
            try profiler.run(executable, name: StepPlans.Key(purpose: .train, batch: rows.count).description)
        } else {
            try executable.run()
        }
        var fault = fault(of: executable)
        if let search = plans.search, fault == nil {
            let again = try plan(.search, batch: rows.count)
            for (to, from) in [(again.input(0), executable.input(0)), (again.input(1), executable.input(1))] {
                to.pointer.copyMemory(from: from.pointer, byteCount: from.count * 4)
            }
            if try !search.step(executable, again, learningRate: lastRate) { fault = .refused }
        }
        sums.add(executable, samples: rows.count, plans)
        if fault == .refused {
            _ = state.statistics.storage.floats.update(fromContentsOf: statistics)
        } else {
            average.stepEnded()
        }
        // All that is read of the plan is read now: whoever is told of the step may run another.
        return StepOutcome(
            sums: sums, fault: fault, wasClipped: wasClipped(executable, isProbe: isProbe),
            probe: isProbe ? probe(executable, batch: rows.count) : nil)
    }

    /// Whether the step that was just executed was clipped.
    private func wasClipped(_ executable: Executable, isProbe: Bool) -> Bool {
        let probed = isProbe ? plans.probeOutputs : 0
        return plans.gradient.clips && executable.output(plans.scoreCount + probed)[0] > 0
    }
}

extension Trainer {
    /// What the step that was just executed was, seen from the inside.
    private func probe(_ executable: Executable, batch: Int) -> Probe {
        var probe = plans.probe(executable, batch: batch, step: step, epoch: epoch)
        for index in probe.layers.indices {
            let (means, squares) = plans.moments(executable, layer: index)
            probe.layers[index].drift = drift.note(probe.layers[index].path, means, squares)
        }
        for index in probe.layers.indices where probe.layers[index].saturated != nil {
            probe.layers[index].dead = deadUnits.note(
                probe.layers[index].path, isSilent: plans.silentUnits(executable, layer: index))
        }
        return probe
    }
}
