/// Ridge regression, and what it says of each sample when it is fitted on all others.
///
///     beta = (X'X + n lambda I)^-1 X'y        with columns of X of mean 0 and variance 1
///
/// The prediction for a sample that is left out needs no fit of its own: its residual is e_i / (1 - h_i), with h_i the
/// diagonal of X (X'X + n lambda I)^-1 X' + 1/n (Allen 1974). Classes are numbers 0 and 1, a column each, of which the largest
/// prediction counts.
struct LinearFit {
    /// What is added to the variances of the columns.
    static let penalties = [1e-3, 1e-1, 10]

    /// Predictions without the sample itself, `width` for each.
    let predictions: [Double]

    /// What the best of the penalties says; nothing where none can be fitted.
    static func best(
        on inputs: [Float], width: Int, _ scoring: Scoring
    ) -> (predictions: [Double], skill: Double)? {
        penalties.compactMap { penalty in
            LinearFit(inputs, width: width, targets: scoring.targets, outputs: scoring.outputs, penalty: penalty)
                .map { ($0.predictions, scoring.skill($0.predictions)) }
        }.max { $0.1 < $1.1 }
    }

    /// - Parameters:
    ///   - inputs: Samples of `width` numbers, columns standardised.
    ///   - targets: `outputs` numbers for each sample.
    ///   - penalty: lambda.
    init?(_ inputs: [Float], width: Int, targets: [Double], outputs: Int, penalty: Double) {
        let samples = inputs.count / width
        var means = [Double](repeating: 0, count: outputs)
        for (index, target) in targets.enumerated() { means[index % outputs] += target / Double(samples) }
        var gram = [Double](repeating: 0, count: width * width)
        var moments = [Double](repeating: 0, count: width * outputs)
        let rows = inputs.map(Double.init)
        rows.withUnsafeBufferPointer { rows in
            gram.withUnsafeMutableBufferPointer { gram in
                for start in stride(from: 0, to: rows.count, by: width) {
                    for i in 0..<width {
                        let x = rows[start + i]
                        for j in 0...i { gram[i * width + j] += x * rows[start + j] }
                    }
                }
            }
            for sample in 0..<samples {
                for i in 0..<width {
                    let x = rows[sample * width + i]
                    for output in 0..<outputs {
                        moments[i * outputs + output] += x * (targets[sample * outputs + output] - means[output])
                    }
                }
            }
        }
        for i in 0..<width { gram[i * width + i] += penalty * Double(samples) }
        guard let root = Cholesky(gram, size: width) else { return nil }
        let weights = root.solve(moments, columns: outputs)
        var predictions = [Double](repeating: 0, count: samples * outputs)
        for sample in 0..<samples {
            let row = Array(rows[sample * width..<(sample + 1) * width])
            let leverage = min(1 - 1e-9, root.quadratic(row) + 1 / Double(samples))
            for output in 0..<outputs {
                var fitted = means[output]
                for i in 0..<width { fitted += row[i] * weights[i * outputs + output] }
                let target = targets[sample * outputs + output]
                predictions[sample * outputs + output] = target - (target - fitted) / (1 - leverage)
            }
        }
        self.predictions = predictions
    }
}

/// The lower triangular root L of a symmetric positive definite matrix, L L'.
private struct Cholesky {
    private var root: [Double]
    private let size: Int

    /// - Parameter matrix: Of which the lower triangle is read; nothing comes of one that is not positive definite.
    init?(_ matrix: [Double], size: Int) {
        root = matrix
        self.size = size
        for i in 0..<size {
            for j in 0...i {
                var sum = root[i * size + j]
                for k in 0..<j { sum -= root[i * size + k] * root[j * size + k] }
                if i == j {
                    guard sum > 0, sum.isFinite else { return nil }
                    root[i * size + i] = sum.squareRoot()
                } else {
                    root[i * size + j] = sum / root[j * size + j]
                }
            }
        }
    }

    /// The number x' (L L')^-1 x.
    func quadratic(_ x: [Double]) -> Double { forward(x).reduce(0) { $0 + $1 * $1 } }

    /// The matrix (L L')^-1 B.
    func solve(_ b: [Double], columns: Int) -> [Double] {
        var result = b
        for column in 0..<columns {
            var x = forward((0..<size).map { b[$0 * columns + column] })
            for i in (0..<size).reversed() {
                for k in i + 1..<max(size, i + 1) { x[i] -= root[k * size + i] * x[k] }
                x[i] /= root[i * size + i]
            }
            for i in 0..<size { result[i * columns + column] = x[i] }
        }
        return result
    }

    /// The vector L^-1 x.
    private func forward(_ x: [Double]) -> [Double] {
        var x = x
        root.withUnsafeBufferPointer { root in
            x.withUnsafeMutableBufferPointer { x in
                for i in 0..<size {
                    var sum = x[i]
                    for k in 0..<i { sum -= root[i * size + k] * x[k] }
                    x[i] = sum / root[i * size + i]
                }
            }
        }
        return x
    }
}
