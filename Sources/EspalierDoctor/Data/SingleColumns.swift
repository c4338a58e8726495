// What a single column of a table tells of the target.

extension RowSample {
    /// The skill with which each column alone predicts every row: from the rows with the nearest values.
    func skillsOfColumns(_ scoring: Scoring) -> [Double] {
        (0..<width).map { scoring.skill(predictions(from: column($0), scoring)) }
    }

    /// The mean target of the rows whose values are nearest, without the row itself.
    private func predictions(from values: [Float], _ scoring: Scoring) -> [Double] {
        let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
        let outputs = scoring.outputs
        var result = [Double](repeating: 0, count: scoring.targets.count)
        for (place, row) in order.enumerated() {
            var below = place - 1, above = place + 1
            for _ in 0..<min(SimpleModels.voters, order.count - 1) {
                let distanceBelow = below >= 0 ? values[row] - values[order[below]] : .infinity
                let distanceAbove = above < order.count ? values[order[above]] - values[row] : .infinity
                let other = distanceBelow <= distanceAbove ? order[max(0, below)] : order[above]
                if distanceBelow <= distanceAbove { below -= 1 } else { above += 1 }
                for output in 0..<outputs {
                    result[row * outputs + output] += scoring.targets[other * outputs + output]
                }
            }
            for output in 0..<outputs { result[row * outputs + output] /= Double(SimpleModels.voters) }
        }
        return result
    }

    /// The share of a column's variance that the target explains: between the means of classes, or by a line; the largest
    /// of several targets.
    func explained(_ column: Int, by scoring: Scoring) -> Double {
        let values = self.column(column).map(Double.init)
        if scoring.isClassification {
            let outputs = scoring.outputs
            var sums = [Double](repeating: 0, count: outputs), counts = sums
            for (value, label) in zip(values, scoring.labels) {
                sums[label] += value
                counts[label] += 1
            }
            let mean = values.reduce(0, +) / Double(values.count)
            let total = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let between = zip(sums, counts).reduce(0) { sum, own in
                own.1 > 0 ? sum + own.1 * (own.0 / own.1 - mean) * (own.0 / own.1 - mean) : sum
            }
            return total > 0 ? between / total : 0
        }
        return (0..<scoring.outputs).map { output in
            let r = pearson(
                values, stride(from: output, to: scoring.targets.count, by: scoring.outputs).map { scoring.targets[$0] }
            )
            return r * r
        }.max() ?? 0
    }
}

/// The correlation of two lists of numbers (Pearson 1895); 0 where one of the two does not vary.
func pearson(_ first: [Double], _ second: [Double]) -> Double {
    let count = Double(first.count)
    let means = (first.reduce(0, +) / count, second.reduce(0, +) / count)
    var product = 0.0, squares = (0.0, 0.0)
    for (x, y) in zip(first, second) {
        product += (x - means.0) * (y - means.1)
        squares.0 += (x - means.0) * (x - means.0)
        squares.1 += (y - means.1) * (y - means.1)
    }
    let scale = (squares.0 * squares.1).squareRoot()
    return scale > 0 ? product / scale : 0
}
