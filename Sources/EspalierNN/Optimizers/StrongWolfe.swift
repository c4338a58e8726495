// The line search of L-BFGS.

extension LBFGS.LineSearch {
    /// A search along x + t d for a length t that satisfies the strong Wolfe conditions.
    ///
    /// First t grows until it has one, or until an interval must hold one; then the interval shrinks. Each trial is the minimum
    /// of the cubic through the losses and slopes at two ends, kept away from both.
    ///
    /// Source: Nocedal and Wright 2006, "Numerical optimization", algorithms 3.5 and 3.6, with the bounds of PyTorch.
    struct Line {
        /// What is known of a length.
        struct Point {
            var t: Double
            var loss: Double
            var gradient: [Double]
            /// The derivative of the loss by t.
            var slope: Double
        }

        let x: [Double]
        let d: [Double]
        let start: Point
        let tolerance: Double
        /// Of trials beside the first.
        let limit: Int
        /// Trials so far.
        private(set) var count = 0

        /// c1 and c2 of the conditions.
        private let descent = 1e-4, curvature = 0.9

        init(_ x: [Double], _ d: [Double], _ loss: Double, _ g: [Double], tolerance: Double, evaluations: Int) {
            self.x = x
            self.d = d
            start = Point(t: 0, loss: loss, gradient: g, slope: g.dot(d))
            self.tolerance = tolerance
            limit = evaluations
        }

        mutating func search(
            from t: Double, _ evaluate: ([Double]) throws -> LBFGS.Evaluation
        ) rethrows -> Point {
            var previous = start, point = try trial(t, evaluate)
            while count <= limit {
                let rises = !descends(point) || (count > 2 && point.loss >= previous.loss)
                if !rises, isFlat(point) { return point }
                if rises || point.slope >= 0 { return try shrink(previous, point, evaluate) }
                let next = Self.minimum(
                    previous, point, within: point.t + 0.01 * (point.t - previous.t), 10 * point.t)
                previous = point
                point = try trial(next, evaluate)
            }
            return start.loss <= point.loss ? start : point
        }

        /// The interval between `first` and `second` holds a length that is sought.
        private mutating func shrink(
            _ first: Point, _ second: Point, _ evaluate: ([Double]) throws -> LBFGS.Evaluation
        ) rethrows -> Point {
            // What is no number is high.
            var (low, high) = second.loss < first.loss ? (second, first) : (first, second)
            let width = d.reduce(0) { max($0, abs($1)) }
            var wasNearAnEnd = false
            while count <= limit, abs(high.t - low.t) * width >= tolerance {
                let lower = min(low.t, high.t), upper = max(low.t, high.t)
                var t = Self.minimum(low, high, within: lower, upper)
                let margin = 0.1 * (upper - lower)
                if min(upper - t, t - lower) < margin {
                    // Twice in a row near an end: the cubic does not see the minimum.
                    let isMoved = wasNearAnEnd || t >= upper || t <= lower
                    if isMoved { t = abs(t - upper) < abs(t - lower) ? upper - margin : lower + margin }
                    wasNearAnEnd = !isMoved
                } else {
                    wasNearAnEnd = false
                }
                let point = try trial(t, evaluate)
                if !descends(point) || point.loss >= low.loss {
                    high = point
                    if high.loss < low.loss { swap(&low, &high) }
                    continue
                }
                if isFlat(point) { return point }
                if point.slope * (high.t - low.t) >= 0 { high = low }
                low = point
            }
            return low
        }

        private mutating func trial(
            _ t: Double, _ evaluate: ([Double]) throws -> LBFGS.Evaluation
        ) rethrows -> Point {
            count += 1
            let (loss, gradient) = try evaluate(x.adding(t, d))
            return Point(t: t, loss: loss, gradient: gradient, slope: gradient.dot(d))
        }

        private func descends(_ point: Point) -> Bool { point.loss <= start.loss + descent * point.t * start.slope }

        private func isFlat(_ point: Point) -> Bool { abs(point.slope) <= -curvature * start.slope }

        /// Where the cubic through both points is least, within bounds; their middle where it has no minimum.
        static func minimum(_ first: Point, _ second: Point, within lower: Double, _ upper: Double) -> Double {
            let (a, b) = first.t <= second.t ? (first, second) : (second, first)
            let d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
            let square = d1 * d1 - a.slope * b.slope
            guard square >= 0 else { return (lower + upper) / 2 }
            let d2 = square.squareRoot()
            let t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
            return min(max(t, lower), upper)
        }
    }
}
