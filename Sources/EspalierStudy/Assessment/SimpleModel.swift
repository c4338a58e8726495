import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import EspalierTraining

/// What needs no hidden layer: the constant answer, a linear model, and the nearest neighbours, fitted on the same rows.
///
/// The linear model is multinomial logistic regression for classes and ridge regression for values: a linear layer on
/// standardised columns whose cross-entropy or squared error, plus (l2 / 2) sum w^2, L-BFGS makes small. l2 and the number of
/// neighbours are what the rows that choose like best. Neighbours count alike; their distance is Euclidean in the inputs as the
/// network has them.
struct SimpleModel: Sendable {
    let name: String
    /// What was chosen: `l2 0.01`, `5 neighbours`.
    let setting: String?
    /// As `Truth` takes them.
    let heldOut: [Float]
    let train: (predictions: [Float], truth: Truth)

    static let penalties = [1e-4, 1e-3, 1e-2, 1e-1, 1]
    static let neighbours = [1, 5, 15]
    /// More training rows are drawn from.
    static let mostRows = 20_000
    /// Multiplications that the neighbours may take: some seconds.
    static let mostProducts = 2e10

    /// All of them, the simplest first.
    static func all(_ data: AssessedData, workers: Int) throws -> [SimpleModel] {
        [try constant(data), try linear(data, workers: workers)]
            + [try nearest(data, workers: workers)].compactMap(\.self)
    }

    /// The most frequent class, said with the shares of all; the mean value.
    private static func constant(_ data: AssessedData) throws -> SimpleModel {
        let truth = Truth(data.train, data.targetScaler), width = truth.width
        var answer = [Double](repeating: 0, count: width)
        switch truth {
        case .classes(let labels, _): for label in labels { answer[label] += 1 / Double(labels.count) }
        case .values(let values, _):
            for (index, value) in values.enumerated() { answer[index % width] += value / Double(truth.count) }
        }
        func said(_ count: Int) -> [Float] { (0..<count).flatMap { _ in answer.map { Float($0) } } }
        return SimpleModel(
            name: data.metric == "accuracy" ? "majority" : "mean", setting: nil, heldOut: said(data.heldOut.count),
            train: (said(truth.count), truth))
    }

    private static func linear(_ data: AssessedData, workers: Int) throws -> SimpleModel {
        let train = data.train.drawn(mostRows, seed: 0)
        let columns = try Scaler(.standard, fittingInputsOf: train)
        let parts = try [train, data.choice, data.heldOut].map { try $0.flat(scaledBy: columns) }
        let values = parts[0].hasValues
        let targetScaler = values ? try Scaler(.standard, fittingTargetsOf: train) : nil
        let fitted = SideBySide.map(penalties, workers: workers) { penalty in
            Result { try predictions(parts, penalty: penalty, targetScaler) }
        }
        let said = try fitted.map { result in
            try result.get().map { part in
                var part = part
                targetScaler?.invert(&part)
                data.targetScaler?.invert(&part)
                return part
            }
        }
        let truth = data.choiceTruth
        let losses = said.map { part in
            values ? truth.variances(part[1]).reduce(0, +) : truth.negativeLogLikelihood(part[1], variances: [])(nil)
        }
        let best = losses.indices.min { losses[$0] < losses[$1] } ?? 0
        return SimpleModel(
            name: values ? "ridge regression" : "logistic regression", setting: "l2 \(penalties[best])",
            heldOut: said[best][2], train: (said[best][0], Truth(train, data.targetScaler)))
    }

    /// What a linear layer says of each part, fitted on the first.
    private static func predictions(_ parts: [Dataset], penalty: Double, _ targetScaler: Scaler?) throws -> [[Float]] {
        var train = parts[0]
        if let targetScaler, case .values(var values, let width, let names) = train.targets {
            targetScaler.apply(to: &values)
            train = try train.withTargets(.values(values, width: width, names: names))
        }
        let outputs: Int, isValues = train.hasValues
        switch train.targets {
        case .classes(_, let names): outputs = names.count
        case .values(_, let width, _): outputs = width
        }
        let trainer = try Trainer(
            Sequential { Linear(train.sampleSize, outputs) },
            loss: isValues ? MeanSquaredError() : CrossEntropyLoss(),
            optimizer: LBFGS(maxIterations: 100, lineSearch: .strongWolfe), penalty: WeightPenalty(l2: penalty),
            settings: TrainingSettings(epochs: 3, batchSize: train.count), sampleShape: [train.sampleSize],
            targetShape: isValues ? [outputs] : [], engine: Engine(threads: 1))
        _ = try trainer.fit(train)
        return try parts.map { try trainer.predictions(for: $0) }
    }

    /// Nothing where there are fewer rows than neighbours.
    private static func nearest(_ data: AssessedData, workers: Int) throws -> SimpleModel? {
        let asked = data.choice.count + 2 * data.heldOut.count
        let affordable = mostProducts / Double(asked * data.train.sampleSize)
        let train = data.train.drawn(max(100, Int(min(affordable, Double(mostRows)))), seed: 0)
        let counts = neighbours.filter { $0 < train.count }
        guard let most = counts.last else { return nil }
        let truth = Truth(train, data.targetScaler),
            points = NearestRows(try train.inputValues(), width: train.sampleSize)
        let seen = train.drawn(data.heldOut.count, seed: 1)
        let found = try [data.choice, data.heldOut, seen].map {
            points.nearest(most, to: try $0.inputValues(), workers: workers)
        }
        let choices = counts.map { count in truth.votes(found[0], count) }
        let scores = choices.map { data.choiceTruth.score($0)(nil) }
        // Of equals the one with more neighbours, whose probabilities are finer.
        let best = scores.indices.reversed().max { scores[$0] < scores[$1] } ?? 0
        let count = counts[best]
        return SimpleModel(
            name: "nearest neighbours", setting: count == 1 ? "1 neighbour" : "\(count) neighbours",
            heldOut: truth.votes(found[1], count), train: (truth.votes(found[2], count), Truth(seen, data.targetScaler))
        )
    }
}

extension Dataset {
    fileprivate var hasValues: Bool { if case .values = targets { true } else { false } }

    /// The same samples on one axis, scaled.
    fileprivate func flat(scaledBy scaler: Scaler) throws -> Dataset {
        var inputs = try inputValues()
        scaler.apply(to: &inputs)
        return try Dataset(name: name, sampleShape: [sampleSize], inputs: inputs, targets: targets)
    }
}

extension Truth {
    /// The mean answer of the first `count` of each sample's neighbours: of classes the share of each.
    fileprivate func votes(_ neighbours: [[Int]], _ count: Int) -> [Float] {
        let width = width
        var votes = [Float](repeating: 0, count: neighbours.count * width)
        for (sample, rows) in neighbours.enumerated() {
            for row in rows.prefix(count) {
                switch self {
                case .classes(let labels, _): votes[sample * width + labels[row]] += 1 / Float(count)
                case .values(let values, _):
                    for column in 0..<width {
                        votes[sample * width + column] += Float(values[row * width + column]) / Float(count)
                    }
                }
            }
        }
        return votes
    }
}
