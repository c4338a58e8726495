import EspalierGraph
import EspalierNN

extension StepPlans {
    /// The values w of the parameters in `range`, after an update at learning rate `lr`, as `limits` allows them.
    func constrained(_ w: Tensor, _ range: Range<Int>, _ lr: Tensor, by limits: WeightPenalty) -> Tensor {
        let projected = limits.projected(w, learningRate: lr)
        guard limits.limitsNorms else { return projected }
        let parameters = state.parameters
        let members = parameters.entries.filter { range.contains($0.offset) }.map { entry in
            let start = entry.offset - range.lowerBound
            let value = projected.slice(start..<start + entry.shape.count).reshaped(to: entry.shape)
            return slot(entry.path).map { limits.withLimitedNorms(value, of: $0) } ?? value
        }
        return parameters.assemble(members, in: range)
    }

    private func slot(_ path: String) -> Parameter.Slot? {
        state.contents.parameters.first { $0.path == path }?.slot
    }
}
