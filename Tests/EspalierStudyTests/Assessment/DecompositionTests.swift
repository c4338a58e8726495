import EspalierGraph
import EspalierStudy
import Foundation
import Testing

/// Bias, variance and noise out of predictions, held against what can be worked out.
@Suite struct DecompositionTests {
    @Test func squaredErrorIsTheSumOfItsParts() {
        // Two trainings say 1 and 3 where 5 is right; both say 2 where 1 is right.
        let parts = Decomposition(values: [[1, 2], [3, 2]], targets: [5, 1], noise: 0.25)
        // Means 2 and 2, variances 2 and 0; (2 - 5)^2 - 2 / 2 = 8, (2 - 1)^2 = 1.
        #expect(abs(parts.variance.value - 1) < 1e-12)
        #expect(abs(parts.bias.value - (4.5 - 0.25)) < 1e-12)
        #expect(abs(parts.error.value - (16 + 4 + 1 + 1) / 4) < 1e-12)
        #expect(abs(parts.bias.value + 0.25 + parts.variance.value - parts.error.value) < 1e-12)
        #expect(abs(parts.excess.value - (1 - 4.25)) < 1e-12)
        #expect(parts.noise == 0.25 && parts.replicates == 2 && parts.unbiasedVariance == nil)
    }

    /// Domingos 2000: the main prediction, and what differs from it where it is right and where it is wrong.
    @Test func zeroOneErrorIsTheSumOfItsParts() throws {
        // Sample 0: two of three say 1, which is right. 1: two of three say 2, and 0 is right, which one says.
        // 2: all say 0, and 1 is right. 3: one each; of equals the first class counts, and 2 is right.
        let parts = Decomposition(classes: [[1, 2, 0, 0], [1, 2, 0, 1], [0, 0, 0, 2]], targets: [1, 0, 1, 2])
        #expect(abs(parts.bias.value - 3.0 / 4) < 1e-12)
        #expect(abs(try #require(parts.unbiasedVariance).value - 1.0 / 12) < 1e-12)
        #expect(abs(try #require(parts.biasedVariance).value - (1.0 / 3 + 1.0 / 3) / 4) < 1e-12)
        #expect(abs(parts.error.value - (1.0 / 3 + 2.0 / 3 + 1 + 2.0 / 3) / 4) < 1e-12)
        #expect(abs(parts.bias.value + parts.variance.value - parts.error.value) < 1e-12)
        #expect(parts.noise == nil)
    }

    /// Polynomials fitted by least squares to a fixed design with known noise: bias^2 is what the projection leaves, variance
    /// is sigma^2 x' (X'X)^-1 x, both as means over new points.
    @Test func polynomialsAgreeWithTheAnalyticValues() {
        let experiments = 30
        var inside = (bias: 0, variance: 0), count = 0
        for experiment in 0..<experiments {
            for degree in 1...9 {
                let (estimate, exact) = Polynomials.decomposition(
                    degree: degree, experiment: experiment, trainings: 20, points: 60)
                if estimate.bias.interval?.contains(exact.bias) ?? false { inside.bias += 1 }
                if estimate.variance.interval?.contains(exact.variance) ?? false { inside.variance += 1 }
                count += 1
            }
        }
        // Of 95 in 100, fewer by chance: degrees share their points and noise, so that 30 experiments are what counts.
        #expect(Double(inside.bias) >= 0.87 * Double(count), "\(inside.bias) of \(count)")
        #expect(Double(inside.variance) >= 0.87 * Double(count), "\(inside.variance) of \(count)")
    }

    /// Not only within intervals, which could be wide: with many trainings and points they come near.
    @Test(arguments: [1, 3, 5, 9])
    func manyTrainingsComeNear(degree: Int) {
        let (estimate, exact) = Polynomials.decomposition(degree: degree, experiment: 99, trainings: 400, points: 1000)
        #expect(abs(estimate.variance.value - exact.variance) < 0.15 * exact.variance)
        #expect(abs(estimate.bias.value - exact.bias) < 0.15 * exact.bias + 0.01)
    }
}

/// Least squares on Legendre polynomials, and what it comes to in the mean over all noise.
private enum Polynomials {
    static let noise = 0.3
    static let design = (0..<30).map { -1 + 2 * Double($0) / 29 }

    static func truth(_ x: Double) -> Double { sin(4 * x) + 0.5 * cos(9 * x) }

    static func basis(_ x: Double, degree: Int) -> [Double] {
        var values = [1, x]
        for n in 1..<max(2, degree) {
            values.append((Double(2 * n + 1) * x * values[n] - Double(n) * values[n - 1]) / Double(n + 1))
        }
        return Array(values.prefix(degree + 1))
    }

    static func decomposition(
        degree: Int, experiment: Int, trainings: Int = 30, points: Int = 100
    ) -> (estimate: Decomposition, exact: (bias: Double, variance: Double)) {
        let rows = design.map { basis($0, degree: degree) }, width = degree + 1
        var gram = (0..<width).map { i in (0..<width).map { j in rows.reduce(0.0) { $0 + $1[i] * $1[j] } } }
        let inverse = inverted(&gram)
        /// The factors of the design's values in the prediction at x.
        func weights(_ x: Double) -> [Double] {
            let at = basis(x, degree: degree)
            let solved = (0..<width).map { i in zip(inverse[i], at).reduce(0.0) { $0 + $1.0 * $1.1 } }
            return rows.map { row in zip(row, solved).reduce(0.0) { $0 + $1.0 * $1.1 } }
        }
        func predicted(_ factors: [Double], _ values: [Double]) -> Double {
            zip(factors, values).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let clean = design.map(truth)
        var exact = (bias: 0.0, variance: 0.0)
        let grid = 2000
        for index in 0..<grid {
            let x = -1 + (2 * Double(index) + 1) / Double(grid), factors = weights(x)
            let rest = truth(x) - predicted(factors, clean)
            exact.bias += rest * rest / Double(grid)
            exact.variance += noise * noise * factors.reduce(0) { $0 + $1 * $1 } / Double(grid)
        }
        var random = RandomStream(seed: 5, "polynomials", experiment)
        let places = (0..<points).map { _ in -1 + 2 * random.uniform() }
        let targets = places.map { truth($0) + noise * random.normal() }
        let factors = places.map(weights)
        let values = (0..<trainings).map { _ in
            let measured = clean.map { $0 + noise * random.normal() }
            return factors.map { predicted($0, measured) }
        }
        return (Decomposition(values: values, targets: targets, noise: noise * noise), exact)
    }

    /// By Gauss and Jordan, of a positive definite matrix.
    private static func inverted(_ matrix: inout [[Double]]) -> [[Double]] {
        let size = matrix.count
        var inverse = (0..<size).map { i in (0..<size).map { $0 == i ? 1.0 : 0 } }
        for pivot in 0..<size {
            let factor = 1 / matrix[pivot][pivot]
            for column in 0..<size {
                matrix[pivot][column] *= factor
                inverse[pivot][column] *= factor
            }
            for row in 0..<size where row != pivot {
                let factor = matrix[row][pivot]
                for column in 0..<size {
                    matrix[row][column] -= factor * matrix[pivot][column]
                    inverse[row][column] -= factor * inverse[pivot][column]
                }
            }
        }
        return inverse
    }
}
