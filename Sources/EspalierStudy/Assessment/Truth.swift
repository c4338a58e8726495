import EspalierData
import EspalierNN
import Foundation

/// The right answers of samples, values in their own unit, and how good predictions of them are.
///
/// Predictions are of each sample a probability for every class, or its values.
enum Truth: Sendable {
    case classes([Int], count: Int)
    case values([Double], width: Int)

    init(_ dataset: Dataset, _ scaler: Scaler?) {
        switch dataset.targets {
        case .classes(let labels, let names):
            self = .classes(labels.map(Int.init), count: names.count)
        case .values(var values, let width, _):
            scaler?.invert(&values)
            self = .values(values.map(Double.init), width: width)
        }
    }

    /// Numbers of a prediction for one sample.
    var width: Int {
        switch self {
        case .classes(_, let count): count
        case .values(_, let width): width
        }
    }

    /// How many samples there are.
    var count: Int {
        switch self {
        case .classes(let labels, _): labels.count
        case .values(let values, let width): values.count / width
        }
    }

    /// Accuracy of classes, R^2 of values, as the metrics `accuracy` and `r2` have it.
    func score(_ predictions: [Float]) -> Resampling.Statistic {
        switch self {
        case .classes(let labels, _):
            let isRight = zip(decided(predictions), labels).map { $0 == $1 ? 1.0 : 0 }
            return { Self.mean(isRight, $0) }
        case .values(let values, let width):
            return { weights in
                let shares = (0..<width).map { Self.explained(predictions, values, width, column: $0, weights) }
                return shares.reduce(0, +) / Double(width)
            }
        }
    }

    /// The mean negative logarithm of the probability of what is right.
    ///
    /// Of values it is that of a normal distribution about the prediction, with the variance that is given for each column.
    func negativeLogLikelihood(_ predictions: [Float], variances: [Double]) -> Resampling.Statistic {
        let losses: [Double]
        switch self {
        case .classes(let labels, let count):
            losses = labels.enumerated().map { sample, label in
                -log(Double(max(predictions[sample * count + label], .leastNormalMagnitude)))
            }
        case .values(let values, let width):
            losses = (0..<count).map { sample in
                (0..<width).reduce(0) { sum, column in
                    let error = values[sample * width + column] - Double(predictions[sample * width + column])
                    return sum + (log(2 * .pi * variances[column]) + error * error / variances[column]) / 2
                } / Double(width)
            }
        }
        return { Self.mean(losses, $0) }
    }

    /// As the metric `calibrationError` has it; nothing for values.
    func calibrationError(_ predictions: [Float]) -> Resampling.Statistic? {
        guard case .classes(let labels, let count) = self else { return nil }
        let bins = CalibrationError().bins
        let samples = zip(decided(predictions), labels).enumerated().map { sample, answer in
            let confidence = Double(predictions[sample * count + answer.0])
            let bin = confidence.isFinite ? Int((confidence * Double(bins)).rounded(.up)) - 1 : 0
            return (bin: min(max(bin, 0), bins - 1), difference: (answer.0 == answer.1 ? 1 : 0) - confidence)
        }
        return { weights in
            var sums = [Double](repeating: 0, count: bins)
            for (index, sample) in samples.enumerated() {
                sums[sample.bin] += sample.difference * (weights?[index] ?? 1)
            }
            return sums.reduce(0) { $0 + abs($1) } / Double(samples.count)
        }
    }

    /// The mean squared errors of predictions, a column each.
    func variances(_ predictions: [Float]) -> [Double] {
        guard case .values(let values, let width) = self else { return [] }
        var sums = [Double](repeating: 0, count: width)
        for (index, value) in values.enumerated() {
            let error = value - Double(predictions[index])
            sums[index % width] += error * error / Double(count)
        }
        // An answer without any error has no density.
        return sums.map { max($0, .leastNormalMagnitude.squareRoot()) }
    }

    /// The class with the largest probability for each sample; the first of equals.
    func decided(_ predictions: [Float]) -> [Int] {
        let width = width
        return (0..<predictions.count / width).map { sample in
            var best = 0
            for other in 1..<max(1, width)
            where predictions[sample * width + other] > predictions[sample * width + best] {
                best = other
            }
            return best
        }
    }

    private static func mean(_ values: [Double], _ weights: [Double]?) -> Double {
        guard let weights else { return values.reduce(0, +) / Double(values.count) }
        var sum = 0.0
        for index in values.indices where weights[index] > 0 { sum += weights[index] * values[index] }
        return sum / Double(values.count)
    }

    private static func explained(
        _ predictions: [Float], _ values: [Double], _ width: Int, column: Int, _ weights: [Double]?
    ) -> Double {
        var sum = 0.0, number = 0.0
        for (sample, index) in stride(from: column, to: values.count, by: width).enumerated() {
            sum += values[index] * (weights?[sample] ?? 1)
            number += weights?[sample] ?? 1
        }
        let mean = sum / number
        var total = 0.0, rest = 0.0
        for (sample, index) in stride(from: column, to: values.count, by: width).enumerated() {
            let weight = weights?[sample] ?? 1
            guard weight > 0 else { continue }
            let error = values[index] - Double(predictions[index])
            total += weight * (values[index] - mean) * (values[index] - mean)
            rest += weight * error * error
        }
        return total > 0 ? 1 - rest / total : rest == 0 ? 1 : 0
    }
}
