import EspalierNN
import EspalierSpec
import EspalierTraining
import Foundation

/// One network at learning rates from far too low to diverging: the picture of the lecture notes, measured.
public struct LearningRateCurves: LabExperiment {
    public var seed = 0
    public var rates = [0.0001, 0.001, 0.01, 0.1, 0.5, 3]
    public var epochs = 20
    public var images = 5000

    public static let name = "learningRateCurves"
    public static let summary = "Learning curves from far too low a rate to one that diverges, and a range test"
    public static let lesson = """
        Too low a rate learns, but not today; each higher one is faster, up to an edge beyond which nothing is learned at \
        all. The best rate lies close below that edge, which is why it cannot be found by care alone. A range test of a hundred \
        steps gives a first guess on the safe side of it, from which one goes up.
        """
    public static let fields = [
        Field("seed", \Self.seed, "of all trainings", in: 0...),
        Field("rates", \Self.rates, "learning rates"),
        Field("epochs", \Self.epochs, "passes over the images", in: 1...1000),
        Field("images", \Self.images, "the first so many to learn from", in: 64...60_000),
    ]

    public init() {}

    public func run(in lab: Lab) throws -> LabResult {
        let images = try lab.images(.mnist).first(images)
        let (epochs, seed) = (epochs, seed)
        @Sendable func trainer(_ rate: Double, _ schedule: any Schedule) throws -> Trainer {
            let model = denseNetwork([images.pixels, 100, 100, images.classes], HeNormal()) { _ in [ReLU()] }
            return try images.trainer(
                model, SGD(learningRate: rate), schedule: schedule,
                settings: TrainingSettings(epochs: epochs, batchSize: 64, seed: seed))
        }
        let plans: [(name: String, rate: Double, schedule: any Schedule)] =
            rates.map { (String(format: "%g", $0), $0, ConstantSchedule()) } + [
                ("1cycle to 0.5", 0.5, OneCycleSchedule())
            ]
        let courses = try lab.map(Array(plans.indices)) { index -> [Double] in
            let losses = FittedCourse(try trainer(plans[index].rate, plans[index].schedule).fit(images.train)).losses
            // A training that diverges ends there.
            return losses + [Double](repeating: .nan, count: epochs - losses.count)
        }
        let range = try LearningRateRangeTest(from: 1e-5, to: 10).run(
            trainer(0.1, ConstantSchedule()), on: images.train)
        let best =
            rates.indices.min {
                (courses[$0].last ?? .nan).orInfinity < (courses[$1].last ?? .nan).orInfinity
            } ?? 0
        let suggestion = range.suggestion ?? .nan
        return LabResult(
            images,
            measurements: plans.indices.map {
                LabMeasurement("loss of the last epoch, rate \(plans[$0].name)", courses[$0].last ?? .nan)
            } + [
                LabMeasurement("best of the constant rates", rates[best]),
                LabMeasurement("range test's suggestion", suggestion),
                LabMeasurement("best rate over the suggestion", rates[best] / suggestion),
            ],
            figures: [
                LabFigure(
                    "Training loss by learning rate", "Over each epoch's batches.",
                    .lines(
                        .init(
                            x: .init("epoch"), y: .init("loss", logarithmic: true),
                            plans.indices.map { .init(plans[$0].name, courses[$0]) }))),
                LabFigure(
                    "Range test", "The loss as the rate rises with every step: it falls where learning is fastest.",
                    .lines(
                        .init(
                            x: .init("learning rate", logarithmic: true), y: .init("loss"),
                            [
                                .init("loss", x: range.points.map(\.rate), y: range.points.map(\.loss)),
                                .init("smoothed", x: range.points.map(\.rate), y: range.points.map(\.smoothed)),
                            ],
                            mark: range.suggestion.map {
                                .init(x: $0, y: .nan, label: "suggestion \(String(format: "%.2g", $0))")
                            }))),
            ],
            notes: ["No book states values: the notes draw the curves by hand. A curve that ends has diverged."])
    }
}

extension Double {
    /// What is no number counts as the largest.
    fileprivate var orInfinity: Double { isNaN ? .infinity : self }
}
