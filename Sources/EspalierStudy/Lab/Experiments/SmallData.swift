import EspalierData
import EspalierGraph
import EspalierNN
import EspalierSpec
import EspalierTraining
import Foundation

/// A network against simpler models on few samples.
public struct SmallData: LabExperiment {
    public var seeds = [0, 1, 2]
    public var sizes = [20, 50, 100, 200, 500, 1000]
    public var epochs = 100
    public var test = 2000

    public static let name = "smallData"
    public static let summary =
        "A network against logistic regression, ridge and nearest neighbours on 20 to 1000 images"
    public static let lesson = """
        On few samples a simple model is as good as a network or better, and far cheaper to train and to explain. With \
        more samples the network draws ahead, since the simple ones cannot use them. Where the lines cross is a question of \
        the data, so that a baseline belongs beside every network.
        """
    public static let fields = [
        Field("seeds", \Self.seeds, "a draw of the samples for each"),
        Field("sizes", \Self.sizes, "numbers of samples to learn from"),
        Field("epochs", \Self.epochs, "of the two that are trained by descent", in: 1...100_000),
        Field("test", \Self.test, "images to test on", in: 1...10_000),
    ]

    public init() {}

    private static let models = ["network", "logistic", "ridge", "nearest neighbours"]

    public func run(in lab: Lab) throws -> LabResult {
        let images = try lab.images(.mnist)
        let test = images.test[0..<min(self.test, images.test.count)]
        let trials = sizes.flatMap { size in seeds.map { (size: min(size, images.train.count), seed: $0) } }
        let epochs = epochs
        let scores = try lab.map(trials) { trial -> [Double] in
            var random = RandomStream(seed: UInt64(trial.seed), "samples")
            let rows = (0..<images.train.count).shuffled(using: &random).prefix(trial.size)
            let few = images.train[rows]
            func trained(_ model: Sequential, l2: Double) throws -> Double {
                let trainer = try images.trainer(
                    model, Adam(learningRate: 0.001), penalty: WeightPenalty(l2: l2),
                    settings: TrainingSettings(epochs: epochs, batchSize: 20, seed: trial.seed))
                _ = try trainer.fit(few)
                return try trainer.accuracy(on: test)
            }
            let simple = try SimpleClassifier(few)
            return [
                try trained(
                    denseNetwork([images.pixels, 100, 100, images.classes], HeNormal()) { _ in [ReLU()] }, l2: 0),
                try trained(denseNetwork([images.pixels, images.classes], Zeros()) { _ in [] }, l2: 1e-3),
                try simple.ridgeAccuracy(on: test), try simple.neighbourAccuracy(on: test),
            ]
        }
        func own(_ size: Int, _ model: Int) -> [Double] {
            zip(trials, scores).filter { $0.0.size == min(size, images.train.count) }.map { $0.1[model] }
        }
        let means = sizes.map { size in Self.models.indices.map { own(size, $0).mean } }
        let crossing = zip(sizes, means).first { $0.1[0] >= ($0.1.dropFirst().max() ?? 1) }?.0
        return LabResult(
            images,
            measurements: Self.models.indices.flatMap { model in
                [sizes.first, sizes.last].compactMap(\.self).map {
                    LabMeasurement("test accuracy on \($0), \(Self.models[model])", over: own($0, model))
                }
            } + [LabMeasurement("samples from which on the network is ahead", crossing.map(Double.init) ?? .infinity)],
            figures: [
                LabFigure(
                    "Test accuracy by number of samples", "Mean of the seeds.",
                    .lines(
                        .init(
                            x: .init("samples", logarithmic: true), y: .init("accuracy", share: true),
                            Self.models.indices.map { model in
                                .init(Self.models[model], x: sizes.map(Double.init), y: means.map { $0[model] })
                            })))
            ],
            notes: [
                "No book states values. The network is 100-100 with ReLU; the logistic model has an l2 of 0.001; ridge and "
                    + "the number of neighbours are chosen by leaving each sample out in turn."
            ])
    }
}

/// Ridge regression on the classes as numbers 0 and 1, and nearest neighbours, on few samples.
private struct SimpleClassifier {
    private let rows: [[Double]]
    private let labels: [Int]
    private let classes: Int
    private let mean: [Double]

    init(_ data: Dataset) throws {
        guard case .classes(let labels, let names) = data.targets else { preconditionFailure("images have classes") }
        rows = try Self.rows(of: data)
        self.labels = labels.map { Int($0) }
        classes = names.count
        mean = rows.meanCurve
    }

    private static func rows(of data: Dataset) throws -> [[Double]] {
        let values = try data.inputValues(), size = data.sampleSize
        return (0..<data.count).map { row in values[row * size..<(row + 1) * size].map(Double.init) }
    }

    private static func product(_ first: [Double], _ second: [Double]) -> Double {
        var sum = 0.0
        first.withUnsafeBufferPointer { first in
            second.withUnsafeBufferPointer { second in
                for index in first.indices { sum += first[index] * second[index] }
            }
        }
        return sum
    }

    private func share(_ data: Dataset, _ answer: ([Double]) -> Int) throws -> Double {
        guard case .classes(let labels, _) = data.targets else { return .nan }
        let right = zip(try Self.rows(of: data), labels).count { answer($0) == Int($1) }
        return Double(right) / Double(labels.count)
    }

    // Ridge, in its dual form: alpha = (K + lambda I)^-1 Y with K the products of centred samples.

    func ridgeAccuracy(on data: Dataset) throws -> Double {
        let centred = rows.map { zip($0, mean).map(-) }, count = rows.count
        let kernel = centred.indices.map { i in centred.indices.map { Self.product(centred[i], centred[$0]) } }
        let targets = (0..<classes).map { c in labels.map { ($0 == c ? 1.0 : 0) - 1 / Double(classes) } }
        var best: (accuracy: Double, alphas: [[Double]]) = (-1, [])
        for penalty in [0.01, 0.1, 1, 10, 100] {
            var matrix = kernel
            for i in 0..<count { matrix[i][i] += penalty }
            let inverse = Self.inverse(matrix)
            let alphas = targets.map { target in inverse.map { Self.product($0, target) } }
            // Left out, a sample's residual is alpha over the inverse's diagonal (Allen 1974).
            let right = (0..<count).count { i in
                let left = (0..<classes).map { targets[$0][i] - alphas[$0][i] / inverse[i][i] }
                return left.indices.max { left[$0] < left[$1] } == labels[i]
            }
            let accuracy = Double(right) / Double(count)
            if accuracy > best.accuracy { best = (accuracy, alphas) }
        }
        let weights = best.alphas.map { alpha -> [Double] in
            var weight = [Double](repeating: 0, count: mean.count)
            for (a, row) in zip(alpha, centred) { for index in weight.indices { weight[index] += a * row[index] } }
            return weight
        }
        return try share(data) { sample in
            let place = zip(sample, mean).map(-), scores = weights.map { Self.product($0, place) }
            return scores.indices.max { scores[$0] < scores[$1] } ?? 0
        }
    }

    /// Of a symmetric positive definite matrix, by Gauss and Jordan.
    private static func inverse(_ matrix: [[Double]]) -> [[Double]] {
        var a = matrix
        let n = a.count
        for pivot in 0..<n {
            let scale = 1 / a[pivot][pivot]
            a[pivot][pivot] = 1
            for j in 0..<n { a[pivot][j] *= scale }
            let row = a[pivot]
            for i in 0..<n where i != pivot {
                let factor = a[i][pivot]
                a[i][pivot] = 0
                a[i].withUnsafeMutableBufferPointer { own in
                    for j in 0..<n { own[j] -= factor * row[j] }
                }
            }
        }
        return a
    }

    // Nearest neighbours.

    func neighbourAccuracy(on data: Dataset) throws -> Double {
        let squares = rows.map { Self.product($0, $0) }
        func ranked(_ sample: [Double], without left: Int? = nil) -> [Int] {
            let distances = rows.indices.map { squares[$0] - 2 * Self.product(rows[$0], sample) }
            return rows.indices.filter { $0 != left }.sorted { distances[$0] < distances[$1] }
        }
        func vote(_ ranked: ArraySlice<Int>) -> Int {
            // The nearer of two has a little more to say, so that votes are never equal.
            var votes = [Double](repeating: 0, count: classes)
            for (rank, row) in ranked.enumerated() { votes[labels[row]] += 1 - 1e-3 * Double(rank) }
            return votes.indices.max { votes[$0] < votes[$1] } ?? 0
        }
        let own = rows.indices.map { ranked(rows[$0], without: $0) }
        let neighbours =
            [1, 3, 5].max { first, second in
                func right(_ k: Int) -> Int { own.indices.count { vote(own[$0].prefix(k)) == labels[$0] } }
                return right(first) < right(second)
            } ?? 1
        return try share(data) { vote(ranked($0).prefix(neighbours)) }
    }
}
