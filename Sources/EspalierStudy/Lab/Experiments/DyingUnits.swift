import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import EspalierTraining
import Foundation

/// Units that die as the learning rate is raised, and what keeps them alive.
public struct DyingUnits: LabExperiment {
    public var seeds = [0, 1, 2]
    public var rates = [0.01, 0.03, 0.1, 0.3, 1, 3]
    public var epochs = 4

    public static let name = "dyingUnits"
    public static let summary = "The share of dead units as the learning rate rises: ReLU, and four remedies"
    public static let lesson = """
        One step that is too long can push a ReLU unit below zero for every sample; then its slope is zero, and nothing \
        brings it back. Raised step by step, the learning rate kills more units with every rise, and those stay dead when it \
        would fall again. Leaky ReLU has no dead part, and batch normalisation keeps half of each unit's inputs above zero; \
        He's weights make a good start and are no protection later.
        """
    public static let fields = [
        Field("seeds", \Self.seeds, "one training of each kind for each"),
        Field("rates", \Self.rates, "learning rates, one after the other"),
        Field("epochs", \Self.epochs, "passes over 1000 images at each rate", in: 1...1000),
    ]

    public init() {}

    private static let variants:
        [(name: String, initializer: any Initializer, hidden: @Sendable (Int) -> [any Layer])] = [
            ("ReLU, Xavier", XavierNormal(), { _ in [ReLU()] }), ("ReLU, He", HeNormal(), { _ in [ReLU()] }),
            ("LeakyReLU", HeNormal(), { _ in [LeakyReLU()] }), ("ELU", HeNormal(), { _ in [ELU()] }),
            ("ReLU, batch norm", HeNormal(), { [BatchNorm($0), ReLU()] }),
        ]

    /// The share of hidden units that are flat for every sample, and the loss, epoch by epoch.
    private struct Course: Sendable {
        var dead: [Double] = []
        var losses: [Double] = []
    }

    private func course(_ variant: Int, _ seed: Int, on images: LabImages) throws -> Course {
        let (_, initializer, hidden) = Self.variants[variant]
        let widths = [images.pixels] + [Int](repeating: 100, count: 5) + [images.classes]
        let model = denseNetwork(widths, initializer, hidden: hidden)
        let trainer = try images.trainer(
            model, SGD(learningRate: rates[0]), settings: TrainingSettings(batchSize: 100, seed: seed))
        let batches = DrawnBatches(size: min(100, images.train.count), seed: seed)
        let x = Tensor(try images.train.inputValues(), [images.train.count, images.pixels])
        var course = Course(), step = 0, isLost = false
        for rate in rates {
            trainer.learningRate = rate
            for _ in 0..<epochs {
                var losses: [Double] = []
                // A step whose numbers are not finite is not taken; none after it would be.
                for _ in 0..<max(1, images.train.count / 100) where !isLost {
                    losses.append(try trainer.step(on: batches.rows(step, of: images.train), of: images.train))
                    isLost = !(losses.last ?? 0).isFinite
                    step += 1
                }
                course.losses.append(isLost ? .nan : losses.mean)
                course.dead.append(try Self.deadShare(model, x))
            }
        }
        return course
    }

    /// The share of hidden units whose inputs are saturated for every sample.
    private static func deadShare(_ model: Sequential, _ x: Tensor) throws -> Double {
        var y = x, shares: [Tensor] = []
        for layer in model.layers {
            if let activation = layer as? any Activation {
                let saturated = activation.isSaturated(y).cast(to: .float32)
                shares.append((saturated.mean(axes: [0]) .>= Tensor(1)).cast(to: .float32).mean())
            }
            y = layer(y)
        }
        return try Engine.current.evaluate(shares).map { Double($0[0]) }.mean
    }

    public func run(in lab: Lab) throws -> LabResult {
        let images = try lab.images(.mnist).first(1000)
        let trials = Self.variants.indices.flatMap { variant in seeds.map { (variant, $0) } }
        let courses = try lab.map(trials) { try course($0, $1, on: images) }
        func own(_ variant: Int) -> [Course] { zip(trials, courses).filter { $0.0.0 == variant }.map(\.1) }
        let x = LabFigure.Axis("epoch")
        let last = rates.map { String(format: "%g", $0) }
        let perRate = epochs
        return LabResult(
            images,
            measurements: Self.variants.indices.flatMap { variant in
                [0, rates.count / 2, rates.count - 1].map { index in
                    LabMeasurement(
                        "share of dead units after rate \(last[index]), \(Self.variants[variant].name)",
                        over: own(variant).map { $0.dead[(index + 1) * perRate - 1] })
                }
            },
            figures: [
                LabFigure(
                    "Share of dead units",
                    "Flat for all 1000 images; mean of the seeds. Every \(epochs) epochs the rate rises: "
                        + last.joined(separator: ", ") + ".",
                    .lines(
                        .init(
                            x: x, y: .init("dead", share: true),
                            Self.variants.indices.map { .init(Self.variants[$0].name, own($0).map(\.dead).meanCurve) }))
                ),
                LabFigure(
                    "Training loss", "Mean of the seeds.",
                    .lines(
                        .init(
                            x: x, y: .init("loss", logarithmic: true),
                            Self.variants.indices.map {
                                .init(Self.variants[$0].name, own($0).map(\.losses).meanCurve)
                            }))),
            ],
            notes: [
                "No book states values. Dead is where the slope falls below a twentieth of the steepest for every sample: of "
                    + "ReLU exactly zero, of ELU small but not zero, of leaky ReLU nowhere.",
                "Where a loss is no longer finite the training has ended, and its units stay as they are.",
            ])
    }
}
