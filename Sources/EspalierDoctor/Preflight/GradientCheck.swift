import EspalierTraining

extension Preflight {
    /// The derivatives of the loss along its gradients, by the gradients and by differences of the loss.
    ///
    /// Built-in layers have derivatives that are tested; this is for those of one's own.
    struct GradientCheck {
        /// Of each parameter whose gradient is large enough to be measured: the derivative by differences over that by the
        /// gradient, along that gradient. One where it is right.
        let quotients: [(path: String, quotient: Double)]

        /// A quotient may be so far from one: rounding leaves less than a hundredth where the loss changes enough to be
        /// measured, the kinks of a few units a little more.
        static let tolerance = 0.2
        /// The shares of the loss by which steps along the gradient are to change it: the first at which all is right will
        /// do, as kinks and bends spoil some.
        private static let changes = [1e-2, 3e-3, 3e-2, 1e-3, 3e-4, 1e-4]
        /// Steps are at most this share of the weights: beyond, nothing is linear.
        private static let largestStep = 0.05

        init(_ training: DetachedTraining, _ rows: [Int]) throws {
            defer { training.begin() }
            let gradient = try training.gradient(on: rows)
            let loss = try training.loss(on: rows, training: true)
            let learning = training.learning
            quotients = try training.parameters.entries.filter { learning.contains($0.path) }.compactMap { entry in
                let range = entry.offset..<entry.offset + entry.shape.count
                return try Self.quotient(training, rows, gradient, in: range, loss).map { (entry.path, $0) }
            }
        }

        /// Those whose gradient is wrong.
        var wrong: [(path: String, quotient: Double)] { quotients.filter { abs($0.quotient - 1) > Self.tolerance } }

        /// The quotient along the part of the gradient in `range` that is nearest to one over several distances; nothing
        /// where none can be measured.
        private static func quotient(
            _ training: DetachedTraining, _ rows: [Int], _ gradient: [Float], in range: Range<Int>, _ loss: Double
        ) throws -> Double? {
            let weights = training.parameters.storage.floats, first = Array(weights[range])
            let slope = gradient[range].reduce(0) { $0 + Double($1) * Double($1) }
            let size = first.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            guard slope > 0, slope.isFinite, loss.isFinite else { return nil }
            var nearest: Double?
            for change in changes where abs((nearest ?? .infinity) - 1) > tolerance {
                let distance = change * max(abs(loss), 1e-3) / slope
                guard distance * slope.squareRoot() <= largestStep * max(size, 1) else { continue }
                func shifted(_ distance: Double) throws -> Double {
                    for (index, value) in zip(range, first) {
                        weights[index] = value + Float(distance) * gradient[index]
                    }
                    return try training.loss(on: rows, training: true)
                }
                let found = (try shifted(distance) - (try shifted(-distance))) / (2 * distance * slope)
                for (index, value) in zip(range, first) { weights[index] = value }
                if found.isFinite, abs(found - 1) < abs((nearest ?? .infinity) - 1) { nearest = found }
            }
            return nearest
        }
    }
}
