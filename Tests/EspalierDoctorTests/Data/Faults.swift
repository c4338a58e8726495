import Espalier
import EspalierGraph

// Faults as people plant them, unknowingly, in a table.
extension Dataset {
    /// One more column, a value for each row.
    func adding(_ name: String, _ value: (Int) -> Float) throws -> Dataset {
        let old = inputs, size = sampleSize
        let inputs = (0..<count).flatMap { row in old[row * size..<(row + 1) * size] + [value(row)] }
        return try Dataset(
            name: self.name, sampleShape: [size + 1], inputs: inputs, targets: targets,
            featureNames: featureNames.isEmpty ? [] : featureNames + [name], gaps: gaps)
    }

    /// A column that is the same in all rows.
    func addingConstant() throws -> Dataset { try adding("off") { _ in 7 } }

    /// The target as a feature, with normal noise of this share of its deviation.
    func addingTarget(noise: Double, seed: UInt64) throws -> Dataset {
        var random = RandomStream(seed: seed, "noise")
        let answers = self.answers
        let mean = answers.reduce(0.0) { $0 + $1 } / Double(count)
        let variance = answers.reduce(0.0) { sum, x in sum + (x - mean) * (x - mean) } / Double(count)
        let noises = answers.map { _ in noise * variance.squareRoot() * random.normal() }
        return try adding("copy") { Float(answers[$0] + noises[$0]) }
    }

    /// Targets in another order than their rows.
    func shufflingTargets(seed: UInt64) throws -> Dataset {
        var random = RandomStream(seed: seed, "targets")
        let order = random.permutation(of: count)
        switch targets {
        case .classes(let labels, let names):
            return try withTargets(.classes(order.map { labels[$0] }, names: names))
        case .values(let values, let width, let names):
            return try withTargets(
                .values(order.flatMap { values[$0 * width..<($0 + 1) * width] }, width: width, names: names))
        }
    }

    /// The first class with only so many rows.
    func thinningFirstClass(to rows: Int) -> Dataset {
        var left = rows
        let answers = self.answers
        return self[
            (0..<count).filter { row in
                guard answers[row] == 0 else { return true }
                left -= 1
                return left >= 0
            }]
    }

    /// A share of labels drawn anew.
    func redrawingLabels(share: Double, seed: UInt64) throws -> Dataset {
        guard case .classes(var labels, let names) = targets else { return self }
        var random = RandomStream(seed: seed, "redrawn")
        for row in labels.indices where random.uniform() < share {
            labels[row] = (labels[row] + 1 + Int32(random.uniform() * Double(names.count - 1))) % Int32(names.count)
        }
        return try withTargets(.classes(labels, names: names))
    }

    /// Every row `times` times, or so many random ones twice.
    func repeatingRows(share: Double, seed: UInt64) -> Dataset {
        var random = RandomStream(seed: seed, "repeated")
        let more = random.permutation(of: count).prefix(Int(share * Double(count)))
        return self[Array(0..<count) + more]
    }

    /// Values as two classes: below and above the middle one.
    func halves() throws -> Dataset {
        let answers = self.answers, middle = answers.sorted()[count / 2]
        return try withTargets(.classes(answers.map { $0 < middle ? 0 : 1 }, names: ["low", "high"]))
    }

    private var answers: [Double] {
        switch targets {
        case .classes(let labels, _): labels.map(Double.init)
        case .values(let values, let width, _): stride(from: 0, to: values.count, by: width).map { Double(values[$0]) }
        }
    }
}
