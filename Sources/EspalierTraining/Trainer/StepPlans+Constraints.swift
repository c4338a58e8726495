import EspalierGraph
import EspalierNN

extension StepPlans {
    /// The values w of the parameters in `range`, after an update at learning rate `lr`, as the constraints allow them.
    func constrained(_ w: Tensor, _ range: Range<Int>, _ lr: Tensor) -> Tensor {
        let projected = penalty.projected(w, learningRate: lr)
        guard penalty.limitsNorms else { return projected }
        let parameters = state.parameters
        let members = parameters.entries.filter { range.contains($0.offset) }.map { entry in
            let start = entry.offset - range.lowerBound
            let value = projected.slice(start..<start + entry.shape.count).reshaped(to: entry.shape)
            return slot(entry.path).map { penalty.withLimitedNorms(value, of: $0) } ?? value
        }
        return parameters.assemble(members, in: range)
    }

    private func slot(_ path: String) -> Parameter.Slot? {
        state.contents.parameters.first { $0.path == path }?.slot
    }
}
