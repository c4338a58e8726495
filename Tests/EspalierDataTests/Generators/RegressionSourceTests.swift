import EspalierData
import EspalierSpec
import Foundation
import Testing

@Suite struct RegressionSourceTests {
    private func source(_ change: (inout RegressionSource) -> Void) -> RegressionSource {
        var source = RegressionSource()
        change(&source)
        return source
    }

    @Test func targetsAreLinearInTheFeatures() throws {
        let source = source {
            ($0.samples, $0.features, $0.informative, $0.targets, $0.bias) = (50, 8, 3, 2, 7)
        }
        let data = try source.load(relativeTo: "")
        guard case .values(let values, width: 2, let names) = data.targets else {
            Issue.record("there are two targets")
            return
        }
        #expect(names == ["y1", "y2"])
        let factors = source.coefficients
        for row in 0..<50 {
            for target in 0..<2 {
                let expected = (0..<8).reduce(7.0) { $0 + Double(data.inputs[row * 8 + $1]) * factors[$1][target] }
                #expect(abs(Double(values[row * 2 + target]) - expected) < 1e-3)
            }
        }
        for (name, factors) in zip(data.featureNames, factors) {
            #expect(factors.allSatisfy { name.hasPrefix("informative") ? (0...100).contains($0) && $0 > 0 : $0 == 0 })
        }
        #expect(data.featureNames.count { $0.hasPrefix("informative") } == 3)
    }

    @Test func factorsAreUniformUpToAHundred() {
        let factors = source { ($0.features, $0.informative) = (10_000, 10_000) }.coefficients.map { $0[0] }
        #expect(abs(factors.mean - 50) < 5 * 28.9 / 100)
        #expect(abs(factors.standardDeviation - 100 / 12.0.squareRoot()) < 1)
    }

    @Test func noiseHasItsSpread() throws {
        let clean = try source { ($0.samples, $0.features) = (20_000, 5) }.load(relativeTo: "")
        let noisy = try source { ($0.samples, $0.features, $0.noise) = (20_000, 5, 3) }.load(relativeTo: "")
        #expect(clean.inputs == noisy.inputs)
        let errors = zip(noisy.values, clean.values).map { $0 - $1 }
        #expect(abs(errors.mean) < 5 * 3 / 20_000.0.squareRoot())
        #expect(abs(errors.standardDeviation - 3) < 5 * 3 / 40_000.0.squareRoot())
        for column in 0..<5 {
            #expect(abs(clean.column(column).mean) < 5 / 20_000.0.squareRoot())
            #expect(abs(clean.column(column).standardDeviation - 1) < 5 / 40_000.0.squareRoot())
        }
    }

    /// The singular values follow from the definition: their second and fourth powers' sums are those of X X^T.
    @Test(arguments: [(30, 12), (12, 30)]) func lowRankHasItsSingularValues(_ samples: Int, _ features: Int) throws {
        let data = try source {
            ($0.samples, $0.features, $0.effectiveRank, $0.tailStrength) = (samples, features, 4, 0.3)
        }.load(relativeTo: "")
        let expected = (0..<12).map { index in
            let position = Double(index) / 4
            return 0.7 * exp(-position * position) + 0.3 * exp(-0.1 * position)
        }
        let columns = (0..<features).map(data.column)
        var second = 0.0, fourth = 0.0
        for (index, first) in columns.enumerated() {
            for (other, column) in columns.enumerated() {
                let product = zip(first, column).reduce(0) { $0 + $1.0 * $1.1 }
                if index == other { second += product }
                fourth += product * product
            }
        }
        #expect(abs(second - expected.reduce(0) { $0 + $1 * $1 }) < 1e-5)
        #expect(abs(fourth - expected.reduce(0) { $0 + $1 * $1 * $1 * $1 }) < 1e-5)
    }

    @Test func informativeFeaturesAreAtMostAll() throws {
        let source = source { ($0.samples, $0.features) = (5, 3) }
        #expect(try source.load(relativeTo: "").sampleShape == [3])
        #expect(source.coefficients.allSatisfy { $0[0] > 0 })
    }
}

@Suite struct PolynomialSourceTests {
    @Test func targetsAreThePolynomial() throws {
        let source = PolynomialSource(samples: 500, coefficients: [1, -2, 0.5, 3], low: -2, high: 4, noise: 0)
        let data = try source.load(relativeTo: "")
        for (x, y) in zip(data.column(0), data.values) {
            #expect(abs(y - (1 - 2 * x + 0.5 * x * x + 3 * x * x * x)) < 1e-4)
        }
        #expect(data.column(0).allSatisfy { (-2...4).contains($0) })
    }

    @Test func xIsUniformAndNoiseNormal() throws {
        let source = PolynomialSource(samples: 20_000, noise: 0.5)
        let data = try source.load(relativeTo: "")
        let std = 2 / 12.0.squareRoot()
        #expect(abs(data.column(0).mean) < 5 * std / 20_000.0.squareRoot())
        #expect(abs(data.column(0).standardDeviation - std) < 0.02)
        let errors = zip(data.column(0), data.values).map { $1 - source.value(at: $0) }
        #expect(abs(errors.mean) < 5 * 0.5 / 20_000.0.squareRoot())
        #expect(abs(errors.standardDeviation - 0.5) < 5 * 0.5 / 40_000.0.squareRoot())
    }
}
