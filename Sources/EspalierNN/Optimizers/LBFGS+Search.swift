// The iterations of L-BFGS, on plain vectors in double precision.

extension LBFGS {
    /// The loss at a point, and its gradient there.
    public typealias Evaluation = (loss: Double, gradient: [Double])

    /// The moves of one training, with the changes that they are chosen by.
    public final class Search {
        private struct Pair {
            /// The change of the parameters, and of the gradient.
            var s: [Double], y: [Double]
            /// The product of both.
            var ys: Double
        }

        private let settings: LBFGS
        private var pairs: [Pair] = []
        /// The last move, where it led to, and the gradient before it.
        private var last: (move: [Double], end: [Double], gradient: [Double])?

        public init(_ settings: LBFGS) { self.settings = settings }

        /// The changes of parameters and gradient, oldest first, then the last move, where it led to, and the gradient
        /// before it, if there was one: all that the next step depends on.
        package var vectors: [[Double]] {
            get { pairs.flatMap { [$0.s, $0.y] } + (last.map { [$0.move, $0.end, $0.gradient] } ?? []) }
            set {
                let hasLast = newValue.count % 2 == 1
                let changes = hasLast ? newValue.dropLast(3) : newValue[...]
                pairs = stride(from: 0, to: changes.count, by: 2).map { index in
                    let s = changes[index], y = changes[index + 1]
                    return Pair(s: s, y: y, ys: y.dot(s))
                }
                let tail = newValue.suffix(3)
                last = hasLast ? (tail[tail.startIndex], tail[tail.startIndex + 1], tail[tail.startIndex + 2]) : nil
            }
        }

        /// Forgets all moves.
        public func clear() {
            pairs = []
            last = nil
        }

        /// The point that one step of a training leads to.
        ///
        /// - Parameters:
        ///   - start: The present point.
        ///   - rate: The present learning rate.
        ///   - first: Loss and gradient at `start`.
        ///   - evaluate: Loss and gradient at another point.
        public func step(
            from start: [Double], learningRate rate: Double, _ first: Evaluation,
            evaluate: ([Double]) throws -> Evaluation
        ) rethrows -> [Double] {
            var x = start, (loss, g) = first, evaluations = 1
            // Who has put other parameters in place has made a change that is none of ours.
            if let last, zip(last.end, start).contains(where: { Float($0) != Float($1) }) { self.last = nil }
            let limit = settings.maxEvaluations ?? settings.maxIterations * 5 / 4
            for iteration in 1...settings.maxIterations {
                if g.isWithin(settings.toleranceGradient) { break }
                let isFirst = last == nil && pairs.isEmpty
                remember(g)
                let d = direction(g), slope = g.dot(d)
                // Also where it is no number: there is nowhere to go.
                guard slope <= -settings.toleranceChange else { break }
                var t = isFirst ? min(1, 1 / g.reduce(0) { $0 + abs($1) }) * rate : rate
                let before = (loss: loss, gradient: g)
                if settings.lineSearch == .strongWolfe {
                    var line = LineSearch.Line(
                        x, d, loss, g, tolerance: settings.toleranceChange, evaluations: limit - evaluations)
                    let end = try line.search(from: t, evaluate)
                    (t, loss, g) = (end.t, end.loss, end.gradient)
                    evaluations += line.count
                    x = x.adding(t, d)
                } else {
                    x = x.adding(t, d)
                    // The next step evaluates the point that the last move leads to.
                    if iteration < settings.maxIterations {
                        (loss, g) = try evaluate(x)
                        evaluations += 1
                    }
                }
                let move = d.map { t * $0 }
                last = (move, x, before.gradient)
                if evaluations >= limit || move.isWithin(settings.toleranceChange)
                    || abs(loss - before.loss) < settings.toleranceChange
                {
                    break
                }
            }
            return x
        }

        /// Takes in what the last move did to the gradient.
        private func remember(_ g: [Double]) {
            guard let (s, _, before) = last else { return }
            last = nil
            let y = g.adding(-1, before), ys = y.dot(s)
            guard ys > 1e-10 else { return }
            if pairs.count == settings.historySize { pairs.removeFirst() }
            pairs.append(Pair(s: s, y: y, ys: ys))
        }

        /// -H g, by the two loops.
        private func direction(_ g: [Double]) -> [Double] {
            var q = g.map { -$0 }
            guard let newest = pairs.last else { return q }
            var shares: [Double] = []
            for pair in pairs.reversed() {
                let a = pair.s.dot(q) / pair.ys
                q = q.adding(-a, pair.y)
                shares.append(a)
            }
            let scale = newest.ys / newest.y.dot(newest.y)
            var d = q.map { scale * $0 }
            for (pair, a) in zip(pairs, shares.reversed()) { d = d.adding(a - pair.y.dot(d) / pair.ys, pair.s) }
            return d
        }
    }
}

extension [Double] {
    func dot(_ other: [Double]) -> Double {
        var sum = 0.0
        for index in indices { sum += self[index] * other[index] }
        return sum
    }

    /// This + factor * other.
    func adding(_ factor: Double, _ other: [Double]) -> [Double] {
        indices.map { self[$0] + factor * other[$0] }
    }

    /// Whether no element is larger than `bound`, or no number.
    func isWithin(_ bound: Double) -> Bool { allSatisfy { abs($0) <= bound } }
}
