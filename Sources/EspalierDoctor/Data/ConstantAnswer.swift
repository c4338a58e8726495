import EspalierData
import EspalierGraph
import EspalierNN
import Foundation

/// The loss of the best answer that is the same for every sample, in the experiment's own loss.
///
/// What such an answer says of the targets is tried out: of classes their shares, as they are, nearer to all classes alike
/// (which suits losses that look away from easy samples) and smoothed; of values the mean, the median, and between. How a
/// model has to say it follows from what the loss takes outputs for: as it is, as logarithms, or as log-odds. The loss
/// itself judges them all; weights of classes and smoothing are its own. For cross-entropy, squared, absolute and Huber
/// errors that is the best constant, or very near it.
enum ConstantAnswer {
    /// More classes are not tried.
    private static let mostClasses = 1000
    /// The most numbers of a graph.
    private static let mostNumbers = 1 << 18

    /// - Parameter train: With targets as the loss sees them.
    /// - Returns: Nothing where no answer that was tried has a loss.
    static func loss(_ loss: any Loss, on train: Dataset) -> Double? {
        switch train.targets {
        case .classes(_, let names):
            guard names.count <= mostClasses, let counts = train.classCounts else { return nil }
            return smallest(loss, counts: counts)
        case .values(let values, let width, _):
            let rows = max(1, min(values.count, mostNumbers) / width)
            let step = max(1, values.count / width / rows)
            let sample = stride(from: 0, to: values.count / width, by: step).prefix(rows).flatMap {
                values[$0 * width..<($0 + 1) * width]
            }
            return smallest(loss, values: sample, width: width)
        }
    }

    private static func smallest(_ loss: any Loss, counts: [Int]) -> Double? {
        let labels = Tensor.iota([counts.count])
        let numbers = counts.map(Double.init)
        let weights = loss.weights(labels).map { Reference.evaluate([$0])[0].values } ?? numbers.map { _ in 1 }
        let total = zip(numbers, weights).reduce(0) { $0 + $1.0 * $1.1 }
        guard total > 0 else { return nil }
        let shares = zip(numbers, weights).map { $0 * $1 / total }
        var answers = [shares]
        if counts.count * counts.count * 12 <= mostNumbers {
            let even = 1 / Double(counts.count)
            answers += [0.75, 0.5, 0.25, 0].map { power in normalized(shares.map { $0 > 0 ? pow($0, power) : 0 }) }
            answers += [0.02, 0.05, 0.1, 0.2, 0.3].map { (part: Double) in
                shares.map { (share: Double) in share * (1 - part) + part * even }
            }
        }
        let outputs = loss.outputs(classes: counts.count)
        return answers.compactMap { answer -> Double? in
            guard let said = said(answer, outputs: outputs, by: loss, of: .classes) else { return nil }
            let losses = Reference.evaluate([
                loss(Tensor(said, [1, outputs]).broadcast(to: [counts.count, outputs]), labels)
            ])[0].values
            return zip(numbers, losses).reduce(0) { $0 + ($1.0 == 0 ? 0 : $1.0 * $1.1) } / total
        }.filter(\.isFinite).min()
    }

    private static func smallest(_ loss: any Loss, values: [Float], width: Int) -> Double? {
        let count = values.count / width
        let columns = (0..<width).map { column in
            stride(from: column, to: values.count, by: width).map { Double(values[$0]) }.sorted()
        }
        let means = columns.map { $0.reduce(0.0) { $0 + $1 } / Double(count) }
        let medians = columns.map { ($0[(count - 1) / 2] + $0[count / 2]) / 2 }
        let targets = Tensor(values, [count, width])
        return stride(from: 0, through: 1, by: 0.125).compactMap { part -> Double? in
            let answer = zip(means, medians).map { (1 - part) * $0 + part * $1 }
            guard let said = said(answer, outputs: width, by: loss, of: .values) else { return nil }
            return Reference.evaluate([
                loss.mean(Tensor(said, [1, width]).broadcast(to: [count, width]), targets)
            ])[0].values[0]
        }.filter(\.isFinite).min()
    }

    /// The outputs of a model that says `answer`; nothing where none of the ways that are known gives it.
    private static func said(
        _ answer: [Double], outputs: Int, by loss: any Loss, of kind: TargetKind
    ) -> [Float]? {
        let wanted = answer.count == 2 && outputs == 1 ? [answer[1]] : answer
        let inside = wanted.map { min(1 - 1e-6, max(1e-6, $0)) }
        let ways = [wanted, inside.map { log($0) }, inside.map { log($0 / (1 - $0)) }]
        let size = answer.reduce(1e-3) { max($0, abs($1)) }
        return ways.map { $0.map(Float.init) }.first { way in
            guard way.count == outputs else { return false }
            let heard = Reference.evaluate([loss.predictions(Tensor(way, [1, outputs]), of: kind)])[0].values
            return heard.count == answer.count
                && zip(heard, answer).allSatisfy { abs($0 - $1) <= 1e-3 * size }
        }
    }

    private static func normalized(_ values: [Double]) -> [Double] {
        let sum = values.reduce(0.0) { $0 + $1 }
        return values.map { $0 / sum }
    }
}
