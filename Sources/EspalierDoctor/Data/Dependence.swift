import EspalierGraph
import Foundation

// Whether targets depend on inputs at all, in standard deviations of what chance gives.
extension Scoring {
    /// How much more the targets of neighbours agree than they do once they are shuffled.
    ///
    /// Of classes the number of neighbours of the same class, of values the sum of products of deviations from the mean.
    ///
    /// - Parameter counts: How many of the nearest are asked; the largest of the answers counts.
    func agreement(of neighbours: Neighbours, counts: [Int], permutations: Int, seed: UInt64) -> Double {
        let values = isClassification ? [] : standardized
        func agreements(_ order: [Int]) -> [Double] {
            // By how near a neighbour is, so that the sums for any number of neighbours follow.
            var sums = [Double](repeating: 0, count: neighbours.count)
            for sample in order.indices {
                let own = order[sample]
                for (rank, other) in neighbours[sample].enumerated() {
                    let other = order[other]
                    if isClassification {
                        sums[rank] += labels[own] == labels[other] ? 1 : 0
                    } else {
                        for output in 0..<outputs {
                            sums[rank] += values[own * outputs + output] * values[other * outputs + output]
                        }
                    }
                }
            }
            return counts.map { count in sums.prefix(count).reduce(0, +) }
        }
        let count = targets.count / outputs
        var random = RandomStream(seed: seed, "doctor", "permutations")
        let chance = (0..<permutations).map { _ in agreements(random.permutation(of: count)) }
        let deviations = zip(agreements(Array(0..<count)), counts.indices).map { found, index in
            let sums = chance.map { $0[index] }
            let mean = sums.reduce(0, +) / Double(permutations)
            let variance = sums.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(permutations)
            return variance > 0 ? (found - mean) / variance.squareRoot() : 0
        }
        return deviations.max() ?? 0
    }

    /// The correlation of predictions with targets, which is about normal with deviation 1 / sqrt(n) where there is none.
    func correlation(with predictions: [Double]) -> Double {
        let rows = Double(targets.count / outputs)
        let all = (0..<outputs).map { output in
            pearson(column(output, of: predictions), column(output, of: targets))
        }
        return (all.max() ?? 0) * rows.squareRoot()
    }

    /// Whether the target correlates with a single column, more than the largest of so many would by chance in one of a
    /// thousand cases.
    func dependsOnAColumn(of sample: RowSample) -> Bool {
        let threshold = (2 * log(Double(sample.width * outputs) * 1000)).squareRoot()
        let columns = (0..<outputs).map { column($0, of: targets) }
        return (0..<sample.width).contains { index in
            let values = sample.column(index).map(Double.init)
            return columns.contains { target in
                abs(pearson(values, target)) * Double(sample.count).squareRoot() > threshold
            }
        }
    }

    private func column(_ output: Int, of values: [Double]) -> [Double] {
        stride(from: output, to: values.count, by: outputs).map { values[$0] }
    }

    /// Targets with mean 0 and variance 1.
    private var standardized: [Double] {
        var result = targets
        for output in 0..<outputs {
            let own = column(output, of: targets)
            let mean = own.reduce(0, +) / Double(own.count)
            let deviation = (own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(own.count)).squareRoot()
            for index in stride(from: output, to: result.count, by: outputs) {
                result[index] = deviation > 0 ? (result[index] - mean) / deviation : 0
            }
        }
        return result
    }
}
