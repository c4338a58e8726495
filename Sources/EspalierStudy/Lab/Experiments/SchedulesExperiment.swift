import EspalierNN
import EspalierSpec
import EspalierTraining
import Foundation

/// Five schedules of the learning rate: chapter 11 of Géron's "Hands-On Machine Learning", 2nd edition.
public struct SchedulesExperiment: LabExperiment {
    public var seeds = [0, 1, 2]
    public var epochs = 25
    public var images: Int?

    public static let name = "schedules"
    public static let summary = "Fashion-MNIST by SELU 300-100 under five schedules of the learning rate"
    public static let lesson = """
        A rate that begins high and falls gets to a good place faster than any one rate. On this small network the five \
        ways of falling end within a point of each other, so that the choice among them matters less than having one. \
        1cycle needs the fewest steps: its batches are four times as large, and it takes a quarter of the steps.
        """
    public static let fields = [
        Field("seeds", \Self.seeds, "one training of each kind for each"),
        Field("epochs", \Self.epochs, "passes over 55,000 images", in: 1...1000),
        Field("images", \Self.images, "only the first so many; null for all", in: 640...),
    ]

    public init() {}

    public func run(in lab: Lab) throws -> LabResult {
        let images = try lab.images(.fashionMNIST).first(images)
        let (train, validation, _) = try images.standardized(holding: 5000)
        let epochs = epochs, steps = (train.count + 31) / 32
        @Sendable func trainer(
            _ seed: Int, _ optimizer: any Optimizer, _ schedule: any Schedule, batch: Int = 32
        ) throws -> Trainer {
            let model = denseNetwork(
                [images.pixels, 300, 100, images.classes], KerasNormal.leCun, output: XavierUniform()
            ) {
                _ in [SELU()]
            }
            return try images.trainer(
                model, optimizer, schedule: schedule,
                settings: TrainingSettings(epochs: epochs, batchSize: batch, seed: seed))
        }
        let nadam = NAdam(learningRate: 0.01, eps: 1e-7)
        let variants = [
            LabVariant(name: "power", expected: .printed(0.892, of: 5000)) {
                try trainer($0, SGD(learningRate: 0.01), PowerSchedule(timescale: 10_000))
            },
            LabVariant(name: "exponential", expected: .printed(0.893, of: 5000)) {
                // A tenth in 20 epochs, and the same rate throughout an epoch.
                try trainer($0, nadam, StepSchedule(decayTo: pow(0.1, 1 / 20), every: steps))
            },
            LabVariant(name: "piecewise", expected: .printed(0.887, of: 5000)) {
                try trainer($0, nadam, PiecewiseSchedule(boundaries: [5 * steps, 15 * steps], factors: [1, 0.5, 0.1]))
            },
            LabVariant(name: "performance", expected: .printed(0.894, of: 5000)) {
                // Keras lowers the rate at the end of the fifth bad epoch; a patience here is what is let pass.
                try trainer(
                    $0, SGD(learningRate: 0.02, momentum: 0.9, rateInVelocity: true),
                    PerformanceSchedule(decayTo: 0.5, patience: 4, threshold: 1e-4, absolute: true))
            },
            LabVariant(name: "1cycle", expected: .printed(0.893, of: 5000)) {
                try trainer(
                    $0, SGD(learningRate: 0.05),
                    OneCycleSchedule(
                        rise: 0.45, startDivisor: 10, endDivisor: 1000, shape: .linear, threePhase: true), batch: 128)
            },
        ]
        var result = try lab.compare(
            variants, seeds: seeds, train: train, validation: validation, on: images, caption: "Mean of the seeds.")
        let total = epochs * steps, places = (0...200).map { total * $0 / 200 }
        func rates(_ name: String, _ rate: Double, _ schedule: any Schedule) -> LabFigure.Lines.Series {
            .init(
                name, x: places.map { Double($0) / Double(steps) },
                y: places.map { rate * schedule.factor(at: min($0, total - 1), of: total) })
        }
        result.figures.insert(
            LabFigure(
                "Learning rate", "As planned; that of the performance schedule follows the validation loss.",
                .lines(
                    .init(
                        x: .init("epoch"), y: .init("learning rate", logarithmic: true),
                        [
                            rates("power", 0.01, PowerSchedule(timescale: 10_000)),
                            rates("exponential", 0.01, StepSchedule(decayTo: pow(0.1, 1 / 20), every: steps)),
                            rates(
                                "piecewise", 0.01,
                                PiecewiseSchedule(boundaries: [5 * steps, 15 * steps], factors: [1, 0.5, 0.1])),
                            rates(
                                "1cycle", 0.05,
                                OneCycleSchedule(
                                    rise: 0.45, startDivisor: 10, endDivisor: 1000, shape: .linear, threePhase: true)),
                        ]))), at: 0)
        return result
    }
}
