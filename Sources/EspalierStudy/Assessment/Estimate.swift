import EspalierGraph
import EspalierSpec

/// A number with its 95 % interval.
public struct Measured: Sendable, Hashable {
    public var value: Double
    /// Nothing where it cannot be told.
    public var interval: ClosedRange<Double>?

    public init(_ value: Double, _ interval: ClosedRange<Double>? = nil) {
        self.value = value
        self.interval = interval
    }

    /// With what cannot be below 0 not reaching there.
    var atLeastZero: Measured {
        Measured(value, interval.map { max(0, $0.lowerBound)...max(0, $0.upperBound) })
    }

    /// Whether the whole interval is above 0.
    public var isAboveZero: Bool { interval.map { $0.lowerBound > 0 } ?? false }
    /// Whether the whole interval is below 0.
    public var isBelowZero: Bool { interval.map { $0.upperBound < 0 } ?? false }

    /// `{"value": 0.9, "interval": [0.87, 0.92]}`.
    public var configuration: ConfigurationValue {
        [
            "value": .number(value),
            "interval": interval.map { .list([.number($0.lowerBound), .number($0.upperBound)]) } ?? .null,
        ]
    }
}

/// A number with what it comes to on other sets of samples, and from other seeds, like those that it was measured on.
///
/// Estimates of the same samples have the same draws, so that the draws of a difference are those of a paired comparison: what
/// makes a sample hard is hard for both.
struct Estimate: Sendable {
    let value: Double
    let draws: [Double]

    static func - (first: Self, second: Self) -> Self {
        Self(value: first.value - second.value, draws: zip(first.draws, second.draws).map { $0 - $1 })
    }

    /// The draws moved so that their mean is the value: for what drawing with replacement pushes to one side.
    var centred: Self {
        let mean = draws.reduce(0, +) / Double(max(1, draws.count))
        return Self(value: value, draws: draws.map { $0 - mean + value })
    }

    /// The value divided by how many times too large each draw is: for variances, of which few measurements are too small more
    /// often than too large (the basic bootstrap of a logarithm; Davison and Hinkley 1997, "Bootstrap methods and their
    /// application", 5.2).
    var mirroredAsScale: Self {
        let mean = draws.reduce(0, +) / Double(max(1, draws.count))
        return Self(value: value, draws: draws.map { value * mean / $0 })
    }

    /// The standard deviation of the draws.
    var standardError: Double {
        let mean = draws.reduce(0, +) / Double(max(1, draws.count))
        return (draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, draws.count - 1))).squareRoot()
    }

    /// Between the 2.5th and the 97.5th percentile of the draws (Efron 1979, "Bootstrap methods").
    var measured: Measured { measured(among: 1) }

    /// The same for one of several intervals, all of which hold together in 95 of 100 cases (Bonferroni).
    func measured(among intervals: Int) -> Measured {
        let tail = 0.025 / Double(max(1, intervals))
        let sorted = draws.filter(\.isFinite).sorted()
        guard sorted.count > draws.count / 2, sorted.count > 1 else { return Measured(value) }
        func percentile(_ share: Double) -> Double {
            let position = share * Double(sorted.count - 1), below = Int(position)
            let above = min(below + 1, sorted.count - 1)
            return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
        }
        return Measured(value, percentile(tail)...percentile(1 - tail))
    }
}

/// Sets of samples drawn with replacement from one set, always the same ones.
///
/// Of several seeds one less than there are is drawn, which makes the variance of their mean right (Rao and Wu 1988,
/// "Resampling inference with complex survey data").
struct Resampling: Sendable {
    static let draws = 500
    /// Which samples these are: other names, other draws.
    let name: String
    let count: Int

    /// A number of samples that may be weighted: without weights each counts once.
    typealias Statistic = ([Double]?) -> Double

    /// The mean of statistics that are of one seed each.
    func estimate(_ statistics: [Statistic]) -> Estimate {
        let draws = (0..<Self.draws).map { draw in
            let weights = weights(draw)
            var known = [Double?](repeating: nil, count: statistics.count)
            return Self.mean(
                Self.seeds(draw, of: statistics.count).map { index in
                    if let value = known[index] { return value }
                    let value = statistics[index](weights)
                    known[index] = value
                    return value
                })
        }
        return Estimate(value: Self.mean(statistics.map { $0(nil) }), draws: draws)
    }

    /// How many times each sample is in a draw, of as many as there are if not given.
    func weights(_ draw: Int, taking taken: Int? = nil) -> [Double] {
        var random = RandomStream(seed: 0, "assessment", name, draw)
        var weights = [Double](repeating: 0, count: count)
        for _ in 0..<(taken ?? count) { weights[random.index(below: count)] += 1 }
        return weights
    }

    private static func seeds(_ draw: Int, of count: Int) -> [Int] {
        guard count > 1 else { return [0] }
        var random = RandomStream(seed: 0, "assessment", "seeds", draw)
        return (1..<count).map { _ in random.index(below: count) }
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}

extension RandomStream {
    /// A number from 0 to `count` - 1.
    mutating func index(below count: Int) -> Int { min(count - 1, Int(uniform() * Double(count))) }
}
