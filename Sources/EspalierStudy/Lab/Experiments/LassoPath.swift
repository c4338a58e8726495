import EspalierData
import EspalierNN
import EspalierSpec
import EspalierTraining
import Foundation

/// L1 strength against weights that are not zero, and against the test error: Tibshirani's path on Efron's data.
public struct LassoPath: LabExperiment {
    public var strengths = 30
    public var steps = 4000
    public var seed = 1

    public static let name = "lassoPath"
    public static let summary = "L1 strength against non-zero weights and test error on the diabetes data"
    public static let lesson = """
        The stronger an L1 penalty, the more weights are exactly zero: it chooses features. Which ones stay longest says what \
        the data needs, and the test error is lowest between all and none. Zeros come of the proximal step; the \
        penalty's gradient alone only brings weights near zero, and leaves every one of them there.
        """
    public static let fields = [
        Field("strengths", \Self.strengths, "on a logarithmic scale", in: 2...1000),
        Field("steps", \Self.steps, "of descent on all samples", in: 1...1_000_000),
        Field("seed", \Self.seed, "of the split", in: 0...),
    ]

    public init() {}

    private static let rate = 0.2

    private struct Fit: Sendable {
        var weights: [Double]
        var error: Double
    }

    private func fit(_ split: DataSplit, _ penalty: L1Penalty) throws -> Fit {
        let train = split.train, width = train.sampleSize
        let trainer = try Trainer(
            Linear(width, 1, bias: false, initializer: Zeros()), loss: MeanSquaredError(),
            optimizer: SGD(learningRate: Self.rate), penalty: WeightPenalty(l1: penalty),
            settings: TrainingSettings(batchSize: train.count, seed: seed), sampleShape: [width], targetShape: [1])
        let rows = Array(0..<train.count)
        for _ in 0..<steps { try trainer.step(on: rows, of: train) }
        return Fit(
            weights: (trainer.state.parameters.values("weight") ?? .init(start: nil, count: 0)).map(Double.init),
            error: try trainer.evaluate(split.test ?? train).loss)
    }

    public func run(in lab: Lab) throws -> LabResult {
        var sizes = SplitSpecification()
        (sizes.train, sizes.test, sizes.seed) = (.count(342), .count(100), seed)
        var split = try sizes(DiabetesSource().load(relativeTo: ""))
        _ = try split.scale(.standard, targets: .standard)
        let exact = Lasso(split.train)
        let ladder = (0..<strengths).map { exact.largest * 1.2 * pow(10, -3 + 3 * Double($0) / Double(strengths - 1)) }
        let fits = try lab.map(ladder) { [split] in try fit(split, L1Penalty($0, proximal: true)) }
        let middle = strengths * 2 / 3
        let plain = try fit(split, L1Penalty(ladder[middle]))
        let difference =
            zip(ladder, fits).map { strength, fit in
                zip(fit.weights, exact.weights(strength)).map { abs($0 - $1) }.max() ?? .nan
            }.max() ?? .nan
        func zeros(_ fit: Fit) -> Double { Double(fit.weights.count { $0 == 0 }) }
        let names = split.train.featureNames
        let best = fits.indices.min { fits[$0].error < fits[$1].error } ?? 0
        return LabResult(
            data: "diabetes, built in: \(split.train.count) patients to learn from, \(split.test?.count ?? 0) to test",
            measurements: [
                LabMeasurement(
                    "zeros above the strength that the formula says", zeros(fits[strengths - 1]), expected: 10...10),
                LabMeasurement(
                    "largest difference of a weight from coordinate descent", difference, expected: 0...1e-3),
                LabMeasurement(
                    "zeros at a middle strength, proximal", zeros(fits[middle]), expected: exact.zeros(ladder[middle])),
                LabMeasurement("zeros at the same strength, by the gradient", zeros(plain), expected: 0...0),
                LabMeasurement("strength of the least test error", ladder[best]),
                LabMeasurement("weights that are not zero there", 10 - zeros(fits[best])),
                LabMeasurement("test error there", fits[best].error),
                LabMeasurement("test error of the weakest penalty", fits[0].error),
            ],
            figures: [
                LabFigure(
                    "Weights", "Of the standardised features; from right to left they leave zero one after the other.",
                    .lines(
                        .init(
                            x: .init("strength of the penalty", logarithmic: true), y: .init("weight"),
                            names.indices.map { feature in
                                .init(names[feature], x: ladder, y: fits.map { $0.weights[feature] })
                            }))),
                LabFigure(
                    "Weights that are not zero", "Exactly zero, by the proximal step.",
                    .lines(
                        .init(
                            x: .init("strength of the penalty", logarithmic: true), y: .init("weights"),
                            [.init("not zero", x: ladder, y: fits.map { 10 - zeros($0) })]))),
                LabFigure(
                    "Test error", "Mean squared error over the variance of the targets.",
                    .lines(
                        .init(
                            x: .init("strength of the penalty", logarithmic: true), y: .init("error"),
                            [.init("test", x: ladder, y: fits.map(\.error))]))),
            ],
            notes: [
                "Expected values are exact: the least penalty at which all weights are zero is the largest absolute value of "
                    + "2 X'y / n, and coordinate descent in double precision gives the weights at every strength."
            ])
    }
}

/// The lasso by coordinate descent, in double precision: mean squared error plus strength times sum |w|.
private struct Lasso {
    private let gram: [[Double]]
    private let moments: [Double]
    /// The least strength at which all weights are zero.
    let largest: Double

    init(_ data: Dataset) {
        let width = data.sampleSize, rows = data.inputs.map(Double.init)
        guard case .values(let values, _, _) = data.targets else { preconditionFailure("the targets are values") }
        let scale = 2 / Double(data.count)
        func product(_ i: Int, _ other: (Int) -> Double) -> Double {
            scale * (0..<data.count).reduce(0) { $0 + rows[$1 * width + i] * other($1) }
        }
        gram = (0..<width).map { i in (0..<width).map { j in product(i) { rows[$0 * width + j] } } }
        moments = (0..<width).map { product($0) { Double(values[$0]) } }
        largest = moments.map(abs).max() ?? 0
    }

    func weights(_ strength: Double) -> [Double] {
        var w = [Double](repeating: 0, count: moments.count)
        for _ in 0..<5000 {
            for i in w.indices {
                let rest = moments[i] - zip(gram[i], w).reduce(0) { $0 + $1.0 * $1.1 } + gram[i][i] * w[i]
                w[i] = (rest < 0 ? -1 : 1) * max(abs(rest) - strength, 0) / gram[i][i]
            }
        }
        return w
    }

    func zeros(_ strength: Double) -> ClosedRange<Double> {
        let count = Double(weights(strength).count { $0 == 0 })
        return count...count
    }
}
