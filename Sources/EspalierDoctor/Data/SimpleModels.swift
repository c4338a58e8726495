/// What the nearest neighbours and a linear model say of each sample of a table, of which they know all others.
struct SimpleModels {
    /// How many neighbours are looked up; the first `voters` of them predict.
    static let neighbours = 10
    static let voters = 5
    /// Fewer samples tell nothing of what can be learned.
    static let fewest = 20

    let sample: RowSample
    /// In the columns' own units or with columns standardised, whichever predicts better.
    let nearest: Neighbours
    let nearestSkill: Double
    /// Nothing where no linear model can be fitted.
    let linear: (predictions: [Double], skill: Double)?

    init?(_ sample: RowSample) {
        guard sample.count >= Self.fewest else { return nil }
        self.sample = sample
        let scoring = Scoring(sample.answers)
        guard let scoring else { return nil }
        let standardized = sample.standardized
        let choices = [sample.inputs, standardized].map { inputs in
            let neighbours = Neighbours(Self.neighbours, of: inputs, width: sample.width)
            return (neighbours, scoring.skill(Self.votes(neighbours, scoring)))
        }
        (nearest, nearestSkill) = choices[0].1 >= choices[1].1 ? choices[0] : choices[1]
        linear = LinearFit.best(on: standardized, width: sample.width, scoring)
    }

    /// The mean target of the nearest neighbours: of classes, the share of votes.
    ///
    /// The nearer of two has a little more to say, so that votes are never equal.
    private static func votes(_ neighbours: Neighbours, _ scoring: Scoring) -> [Double] {
        let outputs = scoring.outputs
        let weights =
            scoring.isClassification
            ? (0..<voters).map { 1 + 1e-3 * Double(voters - $0) } : [Double](repeating: 1, count: voters)
        let total = weights.reduce(0, +)
        var result = [Double](repeating: 0, count: scoring.targets.count)
        for sample in 0..<scoring.targets.count / outputs {
            for (weight, other) in zip(weights, neighbours[sample]) {
                for output in 0..<outputs {
                    result[sample * outputs + output] += weight / total * scoring.targets[other * outputs + output]
                }
            }
        }
        return result
    }
}

/// Targets as numbers, and how good predictions of them are.
struct Scoring {
    let isClassification: Bool
    /// Of each sample `outputs` numbers; of classes 1 for the right one, else 0.
    let targets: [Double]
    let outputs: Int
    let labels: [Int]
    private let majority: Double
    private let variances: [Double]

    /// The most values a sample that are looked at.
    private static let mostValues = 64

    /// - Returns: Nothing where all samples have the same answer.
    init?(_ answers: RowSample.Answers) {
        switch answers {
        case .classes(let labels, let count):
            var counts = [Int](repeating: 0, count: count)
            for label in labels { counts[label] += 1 }
            majority = Double(counts.max() ?? 0) / Double(labels.count)
            guard majority < 1 else { return nil }
            isClassification = true
            self.labels = labels
            outputs = count
            var targets = [Double](repeating: 0, count: labels.count * count)
            for (sample, label) in labels.enumerated() { targets[sample * count + label] = 1 }
            self.targets = targets
            variances = []
        case .values(let values, let width):
            isClassification = false
            labels = []
            majority = 0
            let outputs = min(width, Self.mostValues), samples = values.count / width
            self.outputs = outputs
            let targets = (0..<samples).flatMap { sample in
                (0..<outputs).map { Double(values[sample * width + $0]) }
            }
            self.targets = targets
            variances = (0..<outputs).map { output in
                let column = stride(from: output, to: targets.count, by: outputs).map { targets[$0] }
                let mean = column.reduce(0, +) / Double(samples)
                return column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            }
            guard variances.contains(where: { $0 > 0 }) else { return nil }
        }
    }

    /// From the best constant answer, 0, to perfection, 1.
    func skill(_ predictions: [Double]) -> Double {
        if isClassification { return (accuracy(predictions) - majority) / (1 - majority) }
        var rests = [Double](repeating: 0, count: outputs)
        for (index, prediction) in predictions.enumerated() {
            let error = prediction - targets[index]
            rests[index % outputs] += error * error
        }
        let explained = zip(rests, variances).filter { $1 > 0 }.map { 1 - $0 / $1 }
        return explained.reduce(0, +) / Double(explained.count)
    }

    /// The share of samples whose class has the largest prediction.
    func accuracy(_ predictions: [Double]) -> Double {
        Double(isRight(predictions).lazy.filter { $0 }.count) / Double(labels.count)
    }

    /// Of which samples the class has the largest prediction.
    func isRight(_ predictions: [Double]) -> [Bool] {
        labels.indices.map { sample in
            let own = predictions[sample * outputs..<(sample + 1) * outputs]
            return own.indices.max { own[$0] < own[$1] } == sample * outputs + labels[sample]
        }
    }
}
