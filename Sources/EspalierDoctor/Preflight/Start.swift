import EspalierTraining

extension Preflight {
    /// What the first weights make of a batch.
    struct Start {
        /// The mean loss in training, and that of the best constant answer.
        let loss: Double
        let constantLoss: Double?
        /// A step from the inside; its layers in the order of the data.
        let probe: Probe
        /// What was not finite, and where it comes from.
        let fault: String?
        /// How large the gradient is: its Euclidean norm.
        let gradientNorm: Double

        init(_ training: DetachedTraining, _ rows: [Int]) throws {
            defer { training.begin() }
            constantLoss = try training.constantLoss(on: rows)
            probe = try training.probe(on: rows, rate: 0)
            loss = probe.loss
            let norm = probe.parameters.reduce(0) { $0 + $1.gradientNorm * $1.gradientNorm }.squareRoot()
            gradientNorm = norm
            training.begin()
            fault =
                loss.isFinite && norm.isFinite
                ? nil
                : "\(loss.isFinite ? "the gradient's norm" : "the loss") is \((loss.isFinite ? norm : loss).short)"
                    + (try training.nonFiniteOrigin(on: rows[...]).map { ": \($0)" } ?? "")
        }

        /// The layers that are not the last: what the loss makes of the output, such as 1 / p of a probability, says
        /// nothing about how the gradient passes through the layers.
        var hidden: ArraySlice<LayerProbe> { probe.layers.dropLast() }

        /// How many times larger the gradient is at the first hidden layer than at the last one.
        var gradientRatio: Double? {
            guard hidden.count > 1, let first = hidden.first, let last = hidden.last, last.gradient > 0 else {
                return nil
            }
            return first.gradient / last.gradient
        }

        /// The first hidden layer whose outputs are infinite, though those before are not.
        var overflow: LayerProbe? {
            guard fault != nil, let index = probe.layers.firstIndex(where: { !$0.unitDeviation.isFinite }), index > 0,
                !probe.layers[index].mean.isNaN
            else { return nil }
            return probe.layers[index]
        }
    }
}
