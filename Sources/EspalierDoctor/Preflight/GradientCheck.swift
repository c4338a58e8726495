import EspalierTraining

extension Preflight {
    /// The derivative of the loss along its gradient, by the gradient and by differences of the loss.
    struct GradientCheck {
        /// The quotient of the two that is nearest to one, over several distances; one where the gradient is right.
        let quotient: Double

        init?(_ training: DetachedTraining, _ rows: [Int], operations: Int) throws {
            defer { training.begin() }
            let gradient = try training.gradient(on: rows)
            let norm = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            let loss = try training.loss(on: rows, training: true)
            guard norm > 0, norm.isFinite, loss.isFinite else { return nil }
            let weights = training.parameters.storage.floats
            var quotients: [Double] = []
            // A change of the loss far above its rounding, in distances from far to near: a kink or a bend spoils some.
            for change in [3e-2, 1e-2, 3e-3, 1e-3] {
                let distance = Float(change * max(abs(loss), 1e-3) / (norm * norm))
                let first = Array(weights)
                func shifted(_ factor: Float) throws -> Double {
                    for index in weights.indices { weights[index] = first[index] + factor * gradient[index] }
                    return try training.loss(on: rows, training: true)
                }
                let slope = (try shifted(distance) - (try shifted(-distance))) / (2 * Double(distance))
                _ = weights.update(fromContentsOf: first)
                quotients.append(slope / (norm * norm))
            }
            quotient = quotients.min { abs($0 - 1) < abs($1 - 1) } ?? 1
        }
    }
}
