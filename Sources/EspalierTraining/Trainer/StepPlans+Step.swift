import EspalierEngine
import EspalierGraph
import EspalierNN

// What one step is: gradients, accumulation, penalty, clipping, the optimiser's update by groups, averages.
extension StepPlans {
    /// Parameters that take the same step: a range of the flat buffer.
    struct StepGroup {
        let range: Range<Int>
        let isPenalized: Bool
        let isDecayed: Bool
        /// What its new values are limited by; nothing where they are free.
        let limits: WeightPenalty?
        /// The number of the configuration's group, where there is one.
        let number: Int?
    }

    /// The number of the step group that a parameter belongs to: by its own group, penalised or not, decaying or not.
    static func group(
        of slot: Parameter.Slot, _ penalty: WeightPenalty, _ optimizer: any Optimizer, _ groups: [ParameterGroup] = []
    ) -> Int {
        let number = groups.index(of: slot.path)
        let isSpared = number.map { !groups[$0].decays } ?? false
        return (number.map { $0 + 1 } ?? 0) * 4 + (penalty.applies(to: slot) ? 0 : 1)
            + (optimizer.decays(slot) && !isSpared ? 0 : 2)
    }

    private var stepGroups: [StepGroup] {
        state.groups.map { range in
            let paths = Set(state.parameters.entries.filter { range.contains($0.offset) }.map(\.path))
            let slots = state.contents.parameters.filter { paths.contains($0.path) }.map(\.slot)
            let number = slots.first.flatMap { parameterGroups.index(of: $0.path) }
            let isSpared = number.map { !parameterGroups[$0].decays } ?? false
            return StepGroup(
                range: range, isPenalized: !isSpared && slots.contains(where: penalty.applies),
                isDecayed: !isSpared && slots.contains(where: optimizer.decays),
                limits: !slots.contains(where: penalty.applies) ? nil : isSpared ? penalty.withoutPenalties : penalty,
                number: number)
        }
    }

    /// Backward pass, the optimiser's update and the statistics': all in the one graph.
    func traceStep(_ key: Key, _ scores: [Tensor], inputs: [Tensor]) -> Computation {
        let learningRate = Tensor.input("learning rate", []), step = Tensor.input("step", [])
        let groups = stepGroups.filter { !isFrozen($0, key) }
        let (gradients, outputGradients) = gradients(
            of: scores[0], by: groups, and: key.purpose == .probe ? probedLayers.map(\.output) : [])
        let weight = weight(of: scores, batch: key.batch)
        if key.purpose == .accumulate {
            let next = takeStatistics()
            let guarded = FiniteGuard([counted(scores[0], weight)] + next)
            let sums = zip(groups, flat(gradients, groups)).map { accumulated!.slice($0.range) + weighed($1, weight) }
            let update = Computation.Update(accumulated!, whole(groups, sums, else: accumulated!))
            return Computation(
                inputs: inputs, outputs: scores + [guarded.before], updates: [update] + statisticUpdate(next),
                gate: scores.count)
        }
        let weightBefore = accumulated.map { _ in Tensor.input("weight of the batches before", []) }
        var g = flat(gradients, groups)
        if let weightBefore, let accumulated {
            g = zip(groups, g).map { (accumulated.slice($0.range) + weighed($1, weight)) / (weightBefore + weight) }
        }
        let means = g
        let layers = key.purpose == .probe ? measures(of: probedLayers, gradients: outputGradients) : []
        let next = takeStatistics()
        let guarded = FiniteGuard([counted(scores[0], weight)] + next, gradients: g)
        g = zip(groups, g).map {
            $0.isPenalized ? penalty.gradient($1, of: state.parameters.tensor.slice($0.range)) : $1
        }
        let clipping = GradientClipping(
            g, of: state.parameters, groups: groups.map(\.range), parameters: parameterSlots, settings: gradient)

        let parameters = zip(groups, clipping.gradients).map { update($0, $1, learningRate, step) }
        let after = whole(groups, parameters, else: state.parameters.tensor)
        var updates = [Computation.Update(state.parameters.tensor, after)] + memory.updates()
        if let average, let exponential = averaging.exponential {
            let values = zip(groups, parameters).map { exponential.averaged(average.slice($0.range), $1, step: step) }
            updates.append(.init(average, whole(groups, values, else: average)))
        }
        updates += statisticUpdate(next)
        let probed =
            key.purpose == .probe
            ? norms(of: groups.map(\.range), means, parameters) + layers + probedNormalizations.map(\.shift) : []
        let outputs = scores + probed + (gradient.clips ? [clipping.wasClipped] : [])
        return Computation(
            inputs: inputs + [learningRate, step] + [weightBefore].compactMap(\.self),
            outputs: outputs + [guarded.before, guarded.after(parameters)], updates: updates, gate: outputs.count)
    }

    /// What the mean loss of a batch divides by: the sum of its samples' weights, or their number.
    private func weight(of scores: [Tensor], batch: Int) -> Tensor {
        weighsSamples ? scores[scoreCount - 1] : Tensor(Double(batch))
    }

    /// A mean loss, where there is a sample that it is of.
    private func counted(_ loss: Tensor, _ weight: Tensor) -> Tensor {
        weighsSamples && accumulated != nil ? Tensor.select(weight .> 0, loss, 0) : loss
    }

    /// A mean gradient times the weight of its batch; a batch without a sample that counts has no mean.
    private func weighed(_ g: Tensor, _ weight: Tensor) -> Tensor {
        weighsSamples ? Tensor.select(weight .> 0, g * weight, 0) : g * weight
    }

    private var parameterSlots: [String: Parameter.Slot] {
        Dictionary(uniqueKeysWithValues: state.contents.parameters.map { ($0.path, $0.slot) })
    }

    /// The derivatives of `loss` by every parameter, zero, and not computed, for those of other groups, and by `values`.
    private func gradients(
        of loss: Tensor, by groups: [StepGroup], and values: [Tensor]
    ) -> (parameters: [Tensor], values: [Tensor]) {
        let entries = state.parameters.entries
        let learning = entries.filter { entry in groups.contains { $0.range.contains(entry.offset) } }.map(\.path)
        let found = loss.gradients(by: learning.map { state.parameters.tensor($0)! } + values)
        let gradients = Dictionary(uniqueKeysWithValues: zip(learning, found))
        return (entries.map { gradients[$0.path] ?? .zeros($0.shape) }, Array(found.suffix(values.count)))
    }

    /// Each group's gradients as they lie in the parameters' buffer.
    private func flat(_ gradients: [Tensor], _ groups: [StepGroup]) -> [Tensor] {
        groups.map { group in
            let members = zip(state.parameters.entries, gradients).filter { group.range.contains($0.0.offset) }
            return state.parameters.assemble(members.map(\.1), in: group.range)
        }
    }

    /// The values of one group after decay, the optimiser's step and constraints, at the group's own rate and from its
    /// own first step on.
    private func update(_ group: StepGroup, _ g: Tensor, _ learningRate: Tensor, _ step: Tensor) -> Tensor {
        var w = state.parameters.tensor.slice(group.range), rate = learningRate, t = step
        if let number = group.number {
            let settings = parameterGroups[number]
            if settings.rateFactor != 1 { rate = rate * settings.rateFactor }
            if settings.frozen, let firstSteps { t = t - firstSteps.slice(number..<number + 1).reshaped(to: []) }
        }
        if group.isPenalized { w = penalty.decayed(w, learningRate: rate) }
        if group.isDecayed { w = optimizer.decayed(w, learningRate: rate) }
        let updated = memory.update(w, gradient: g, in: group.range, learningRate: rate, step: t)
        return group.limits.map { constrained(updated, group.range, rate, by: $0) } ?? updated
    }

    /// The whole buffer: `values` where the groups lie, what it was elsewhere.
    private func whole(_ groups: [StepGroup], _ values: [Tensor], else before: Tensor) -> Tensor {
        var parts: [Tensor] = [], position = 0
        for (group, value) in zip(groups, values) {
            if group.range.lowerBound > position { parts.append(before.slice(position..<group.range.lowerBound)) }
            parts.append(value)
            position = group.range.upperBound
        }
        if position < before.count { parts.append(before.slice(position..<before.count)) }
        return .concatenate(parts)
    }
}

// Frozen parts.
extension StepPlans {
    /// The groups that do not learn in `epoch`, by number.
    func frozenGroups(in epoch: Int) -> Set<Int> {
        Set(parameterGroups.indices.filter { !parameterGroups[$0].learns(in: epoch) })
    }

    /// Lets the groups that begin to learn in `epoch`, after `step` steps, count their own steps from there.
    func beginEpoch(_ epoch: Int, after step: Int) {
        for (number, group) in parameterGroups.enumerated() where group.unfreezeAt == epoch {
            // In a later training it goes on, as what the optimiser keeps for it does.
            guard begun.insert(number).inserted else { continue }
            firstSteps?.leaf?.storage?.floats[number] = Float(step)
        }
    }

    private func isFrozen(_ group: StepGroup, _ key: Key) -> Bool { group.number.map(key.frozen.contains) ?? false }

    /// The paths of the parameters that are frozen throughout.
    var neverLearning: [String] {
        state.contents.parameters.map(\.path).filter { path in
            parameterGroups.index(of: path).map { parameterGroups[$0].frozen && parameterGroups[$0].unfreezeAt == nil }
                ?? false
        }
    }

    /// Training or inference, and inference for the layers of frozen parts.
    func setMode(for key: Key) {
        state.mode = key.purpose == .evaluate || key.purpose == .predict ? .inference : .training
        guard state.mode == .training else { return }
        for (path, layer) in state.contents.layers {
            guard let number = parameterGroups.firstIndex(where: { $0.match.cover(path + ".") }) else { continue }
            guard key.frozen.contains(number), !parameterGroups[number].frozenLayersTrain else { continue }
            (layer as? any ModeDependent)?.mode = .inference
        }
    }

    /// What the layers measure of a batch in training: running statistics, without a step.
    func traceMeasurement(_ x: Tensor, _ targets: Tensor) -> Computation {
        _ = state.model(x)
        return Computation(inputs: [x, targets], outputs: [], updates: statisticUpdate(takeStatistics()))
    }
}
