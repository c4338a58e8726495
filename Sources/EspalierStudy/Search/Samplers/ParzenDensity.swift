import EspalierGraph
import Foundation

/// A density over a search space: a mixture of a kernel around each of some points, and one that covers all of the space.
struct ParzenDensity {
    /// A kernel of one parameter.
    private enum Kernel {
        /// A normal distribution cut off at 0 and 1, and the share of it that lies between.
        case normal(mean: Double, deviation: Double, share: Double)
        /// The probability of each value.
        case choice([Double])
    }

    private let ranges: [SearchRange]
    /// One list a point, one kernel a parameter in it.
    private var kernels: [[Kernel]] = []
    /// Of each list; they add up to 1.
    private let weights: [Double]

    /// - Parameters:
    ///   - points: Coordinates, in the order in which they were drawn.
    ///   - ranges: One a parameter.
    init(_ points: [[Double]], in ranges: [SearchRange]) {
        self.ranges = ranges
        var shares = Self.ageWeights(points.count)
        shares.append(1)
        let whole = shares.reduce(0.0, +)
        weights = shares.map { $0 / whole }
        kernels = points.map { _ in [] }
        for (index, range) in ranges.enumerated() {
            for (point, kernel) in Self.kernels(points.map { $0[index] }, in: range).enumerated() {
                kernels[point].append(kernel)
            }
        }
        kernels.append(
            ranges.map { range in
                range.categories.map { .choice([Double](repeating: 1 / Double($0), count: $0)) } ?? Self.normal(0.5, 1)
            })
    }

    /// The kernels of one parameter, one a point.
    private static func kernels(_ coordinates: [Double], in range: SearchRange) -> [Kernel] {
        let count = Double(coordinates.count)
        guard let categories = range.categories else {
            let means = coordinates.map(range.centered)
            return zip(means, deviations(means)).map(normal)
        }
        return coordinates.map { coordinate in
            var shares = [Double](repeating: 1 / (count + 1), count: categories)
            shares[min(Int(coordinate), categories - 1)] += 1
            let sum = shares.reduce(0.0, +)
            return .choice(shares.map { $0 / sum })
        }
    }

    /// The width of each kernel: the distance to the farther of its two neighbours (Bergstra 2011).
    ///
    /// So kernels are narrow where points are dense, but never so narrow that few points seem certain.
    private static func deviations(_ means: [Double]) -> [Double] {
        let order = means.indices.sorted { means[$0] < means[$1] }
        let least = 1 / min(100, Double(means.count) + 2)
        var deviations = [Double](repeating: 1, count: means.count)
        for (rank, index) in order.enumerated() {
            let left = rank > 0 ? means[index] - means[order[rank - 1]] : nil
            let right = rank + 1 < order.count ? means[order[rank + 1]] - means[index] : nil
            // The only point reaches to the farther end of the range.
            let widest = [left, right].compactMap(\.self).max() ?? max(means[index], 1 - means[index])
            deviations[index] = min(max(widest, least), 1)
        }
        return deviations
    }

    /// The last 25 points count fully, those before the less the older they are (Bergstra 2013).
    ///
    /// So a search that has moved on forgets where it began.
    private static func ageWeights(_ count: Int) -> [Double] {
        let old = max(0, count - 25)
        return (0..<count).map { index in
            guard index < old, old > 1 else { return index < old ? 1 / Double(count) : 1 }
            let share = Double(index) / Double(old - 1)
            return 1 / Double(count) * (1 - share) + share
        }
    }

    private static func normal(_ mean: Double, _ deviation: Double) -> Kernel {
        .normal(
            mean: mean, deviation: deviation,
            share: cumulative((1 - mean) / deviation) - cumulative(-mean / deviation))
    }

    /// The standard normal distribution up to `x`.
    private static func cumulative(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

    /// The logarithm of the density at a point; over whole numbers and choices that of the probability.
    func logarithm(at point: [Double]) -> Double {
        let bins = zip(ranges, point).map { $0.bin(around: $1) }
        let terms = zip(kernels, weights).map { kernels, weight in
            kernels.indices.reduce(log(weight)) { sum, index in
                sum + Self.logarithm(of: kernels[index], at: point[index], bins[index])
            }
        }
        let largest = terms.max() ?? 0
        return largest + log(terms.reduce(0) { $0 + exp($1 - largest) })
    }

    private static func logarithm(of kernel: Kernel, at coordinate: Double, _ bin: ClosedRange<Double>?) -> Double {
        switch kernel {
        case .choice(let shares): return log(shares[min(Int(coordinate), shares.count - 1)])
        case .normal(let mean, let deviation, let share):
            guard let bin else {
                let distance = (coordinate - mean) / deviation
                return -0.5 * distance * distance - log(deviation * share * (2 * Double.pi).squareRoot())
            }
            // The tails of two equal probabilities would cancel to nothing on the far side.
            let (low, high) = ((bin.lowerBound - mean) / deviation, (bin.upperBound - mean) / deviation)
            let mass = low > 0 ? cumulative(-low) - cumulative(-high) : cumulative(high) - cumulative(low)
            return log(max(mass, 1e-300) / share)
        }
    }

    /// A point of this density; whole numbers are at the middle of theirs.
    func draw(using random: inout RandomStream) -> [Double] {
        let kernels = self.kernels[Self.draw(from: weights, using: &random)]
        return zip(ranges, kernels).map { range, kernel in
            switch kernel {
            case .choice(let shares): return Double(Self.draw(from: shares, using: &random))
            case .normal(let mean, let deviation, _):
                while true {
                    let coordinate = mean + deviation * random.normal()
                    if (0..<1).contains(coordinate) { return range.centered(coordinate) }
                }
            }
        }
    }

    private static func draw(from shares: [Double], using random: inout RandomStream) -> Int {
        var rest = random.uniform()
        for (index, share) in shares.enumerated() {
            rest -= share
            if rest < 0 { return index }
        }
        return shares.count - 1
    }
}
