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

        /// How many times larger the gradient is at the first probed layer than at the last one.
        var gradientRatio: Double? {
            guard probe.layers.count > 2, let first = probe.layers.first, let last = probe.layers.last,
                last.gradient > 0
            else { return nil }
            return first.gradient / last.gradient
        }
    }
}
