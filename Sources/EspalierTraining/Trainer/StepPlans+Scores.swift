import EspalierGraph
import EspalierNN

extension StepPlans {
    /// What a plan puts out of a batch: the mean loss, what each metric notes about the samples, and, if the loss weighs
    /// samples, the sum of their weights.
    func scores(of outputs: Tensor, _ targets: Tensor) -> [Tensor] {
        // A mixed sample counts as one of the class that it has most of.
        let isShared = targetKind == .classes && targets.dtype == .float32
        let right = isShared ? targets.argumentMaximum() : unscaled(targets)
        let records = metrics.map { $0.record(predictions(outputs, for: $0), right) }
        recordWidths = records.map { $0.shape[1] }
        let weight = (loss.weights(targets) ?? .ones([outputs.shape[0]])).sum()
        return [loss.mean(outputs, targets)] + records + (weighsSamples ? [weight] : [])
    }

    /// What the targets of a batch come in as.
    func targets(for key: Key) -> Tensor {
        if let sharedClasses, key.purpose != .evaluate, key.purpose != .measure {
            return .input("targets", [key.batch, sharedClasses])
        }
        return .input(
            "targets", Shape([key.batch] + targetShape.dimensions), targetKind == .classes ? .int32 : .float32)
    }

    /// How many outputs come before those of a probe.
    var scoreCount: Int { 1 + metrics.count + (weighsSamples ? 1 : 0) }

    /// What a metric looks at: classes are told by the outputs themselves, unless one stands for two.
    private func predictions(_ outputs: Tensor, for metric: any Metric) -> Tensor {
        guard targetKind == .classes else { return unscaled(loss.predictions(outputs, of: .values)) }
        let isOne = outputs.shape.dimensions.last == 1
        return isOne || type(of: metric).takesProbabilities ? loss.predictions(outputs, of: .classes) : outputs
    }
}
