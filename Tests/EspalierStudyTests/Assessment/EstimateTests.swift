import EspalierGraph
import Testing

@testable import EspalierStudy

/// Intervals by resampling, held against formulas.
@Suite struct EstimateTests {
    private static func mean(_ values: [Double]) -> Resampling.Statistic {
        { weights in
            values.indices.reduce(0) { $0 + values[$1] * (weights?[$1] ?? 1) } / Double(values.count)
        }
    }

    private static func normal(_ count: Int, _ name: String) -> [Double] {
        var random = RandomStream(seed: 1, name)
        return (0..<count).map { _ in random.normal() }
    }

    /// The standard error of a mean is the deviation over the root of the count.
    @Test func meanOfSamples() throws {
        let values = Self.normal(400, "samples")
        let estimate = Resampling(name: "heldOut", count: 400).estimate([Self.mean(values)])
        #expect(abs(estimate.value - values.reduce(0, +) / 400) < 1e-12)
        #expect(abs(estimate.standardError - 0.05) < 0.006)
        let interval = try #require(estimate.measured.interval)
        #expect(abs(interval.upperBound - interval.lowerBound - 4 * 0.05) < 0.03)
        let wide = try #require(estimate.measured(among: 2).interval)
        #expect(wide.lowerBound < interval.lowerBound && wide.upperBound > interval.upperBound)
    }

    /// What is common to both on each sample has no part in the interval of the difference.
    @Test func differencesArePaired() {
        let common = Self.normal(200, "common").map { 10 * $0 }, own = Self.normal(200, "own")
        let resampling = Resampling(name: "heldOut", count: 200)
        let first = resampling.estimate([Self.mean(common)])
        let second = resampling.estimate([Self.mean(zip(common, own).map { $0 + $1 })])
        #expect((second - first).standardError < 0.1 && first.standardError > 0.5)
    }

    /// Of k seeds, the variance of the mean is that of a seed over k, with n - 1 in it.
    @Test(arguments: [3, 5])
    func seedsCountRightly(count: Int) {
        let seeds = (0..<count).map(Double.init)
        let estimate = Resampling(name: "heldOut", count: 1).estimate(seeds.map { seed in { _ in seed } })
        let mean = Double(count - 1) / 2
        let variance = seeds.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1) / Double(count)
        #expect(estimate.value == mean)
        #expect(abs(estimate.standardError * estimate.standardError / variance - 1) < 0.15)
    }

    @Test func wordsSayTheSide() {
        #expect(Measured(0.012, -0.003...0.027).words == "0.012, from -0.003 to 0.027")
        #expect(Measured(-0.02, -0.03 ... -0.01).difference == "0.020 (0.010 to 0.030) worse")
        #expect(Measured(1234.5).brief == "1234" && Measured(-0.0001).brief == "0.000")
        #expect(Measured(1, 0.5...2).isAboveZero && !Measured(1, -0.5...2).isAboveZero && !Measured(1).isAboveZero)
        #expect(Measured(-1, -2 ... -0.5).isBelowZero)
        #expect([2.0, 0.5, 0.25, 4, 1.5].map(\.times) == ["twice", "half", "1/4", "4 times", "1.500 times"])
    }
}
