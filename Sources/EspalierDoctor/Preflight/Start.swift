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
        let origin: NonFiniteOrigin?
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
            let isFinite = loss.isFinite && norm.isFinite
            origin = isFinite ? nil : try training.nonFiniteOrigin(on: rows[...])
            fault =
                isFinite
                ? nil
                : "\(loss.isFinite ? "the gradient's norm" : "the loss") is \((loss.isFinite ? norm : loss).short)"
                    + (origin.map { ": \($0.description)" } ?? "")
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

        /// So many times the first layer's spread is beyond what any initialiser is to give.
        private static let growth = 100.0

        /// Where not all is finite, the first layer whose outputs are infinite or vary far more than the first layer's.
        var overflow: LayerProbe? {
            guard fault != nil, let first = probe.layers.first, first.mean.isFinite, first.unitDeviation.isFinite else {
                return nil
            }
            let layer = probe.layers.first { layer in
                layer.mean.isInfinite || layer.mean.isNaN || !(layer.unitDeviation <= Self.growth * first.unitDeviation)
            }
            return layer.flatMap { $0.mean.isNaN ? nil : $0 }
        }
    }
}
