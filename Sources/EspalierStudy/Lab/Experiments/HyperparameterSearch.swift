import EspalierGraph
import EspalierNN
import EspalierSpec
import EspalierTraining
import Foundation

/// A hundred random draws of learning rate and weight decay: figure 6-24 of "Deep Learning from Scratch".
public struct HyperparameterSearch: LabExperiment {
    public var seed = 0
    public var trials = 100
    public var epochs = 50

    public static let name = "hyperparameterSearch"
    public static let summary = "100 random draws of learning rate and weight decay on 500 images"
    public static let lesson = """
        Of a hundred random settings few learn anything in fifty epochs, and all of those have a learning rate near the top \
        of the range; the weight decay hardly matters. So the next search would narrow the rate and leave the decay. \
        Ranges are drawn on a logarithmic scale, since nobody knows the order of magnitude beforehand.
        """
    public static let fields = [
        Field("seed", \Self.seed, "what draws and trainings follow from", in: 0...),
        Field("trials", \Self.trials, "settings that are tried", in: 1...100_000),
        Field("epochs", \Self.epochs, "passes over 400 images", in: 1...100_000),
    ]

    public init() {}

    private struct Trial: Sendable {
        var number: Int
        var learningRate: Double
        var weightDecay: Double

        /// A function of the seed and the number of the trial.
        init(_ number: Int, seed: Int) {
            var random = RandomStream(seed: UInt64(seed), "trial", number)
            self.number = number
            weightDecay = pow(10, -8 + 4 * random.uniform())
            learningRate = pow(10, -6 + 4 * random.uniform())
        }
    }

    public func run(in lab: Lab) throws -> LabResult {
        let (seed, epochs) = (seed, epochs)
        var images = try lab.images(.mnist).first(500)
        var random = RandomStream(seed: UInt64(seed), "split")
        let order = (0..<images.train.count).shuffled(using: &random), held = images.train.count / 5
        let validation = images.train[order.prefix(held)]
        images.train = images.train[order.dropFirst(held)]
        let trials = (0..<trials).map { Trial($0, seed: seed) }
        let courses = try lab.map(trials) { [images] trial in
            let model = denseNetwork([images.pixels] + .init(repeating: 100, count: 6) + [images.classes], HeNormal()) {
                _ in [ReLU()]
            }
            let trainer = try images.trainer(
                model, SGD(learningRate: trial.learningRate), penalty: WeightPenalty(l2: trial.weightDecay),
                settings: TrainingSettings(batchSize: 100, seed: seed + trial.number))
            return try AccuracyCourse(
                trainer, on: images.train, test: validation, epochs: epochs, batch: 100, seed: seed + trial.number)
        }
        func value(_ index: Int) -> Double { courses[index].test.last ?? 0 }
        let ranked = trials.indices.sorted { value($0) > value($1) }, best = ranked[0]
        let panels = ranked.prefix(20).enumerated().map { rank, index in
            LabFigure.Lines.Panel(
                "\(rank + 1): rate \(String(format: "%.2g", trials[index].learningRate))",
                [.init("train", courses[index].train), .init("validation", courses[index].test)])
        }
        // The upper end of the range of rates, 0.005 to 0.01, is log10(2) of four powers of ten.
        let high = trials.count { $0.learningRate > 0.005 }, expectedHigh = Double(trials.count) * log10(2) / 4
        let points = trials.indices.sorted { trials[$0].learningRate < trials[$1].learningRate }
        return LabResult(
            images,
            measurements: [
                LabMeasurement("best validation accuracy", value(best), expected: .printed(0.87, of: 100)),
                LabMeasurement("its learning rate", trials[best].learningRate, expected: 0.005...0.01),
                LabMeasurement("its weight decay", trials[best].weightDecay),
            ],
            figures: [
                LabFigure(
                    "The twenty best", "Accuracy over the epochs, best first.",
                    .lines(.init(x: .init("epoch"), y: .init("accuracy", share: true), panels: panels))),
                LabFigure(
                    "All trials", "Validation accuracy by learning rate: there is one range worth searching.",
                    .lines(
                        .init(
                            x: .init("learning rate", logarithmic: true), y: .init("validation accuracy", share: true),
                            [
                                .init(
                                    "trial", x: points.map { trials[$0].learningRate }, y: points.map(value),
                                    connected: false)
                            ]))),
            ],
            notes: [
                "\(high) of \(trials.count) draws have a rate above 0.005, where \(String(format: "%.1f", expectedHigh)) are to "
                    + "be expected. The rate decides what a trial comes to, so that the best one depends on how many there are.",
                "100 images to validate on: the standard error of an accuracy near 0.87 is 0.034, and the band three of them.",
            ])
    }
}
