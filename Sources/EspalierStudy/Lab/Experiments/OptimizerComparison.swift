import EspalierNN
import EspalierSpec
import EspalierTraining

/// Four optimisers on the same network: figure 6-9 of "Deep Learning from Scratch".
public struct OptimizerComparison: LabExperiment {
    public var seeds = [0, 1, 2]
    public var steps = 2000

    public static let name = "optimizerComparison"
    public static let summary = "MNIST by five ReLU layers under SGD, momentum, AdaGrad and Adam"
    public static let lesson = """
        Plain descent is the slowest of the four; momentum, AdaGrad and Adam all get several times lower in the same number \
        of steps. Which of the three leads changes with the learning rate and the network. None of this says which \
        generalises best: it is the training loss that is compared.
        """
    public static let fields = [
        Field("seeds", \Self.seeds, "one training of each kind for each"),
        Field("steps", \Self.steps, "of 128 images", in: 1...1_000_000),
    ]

    public init() {}

    public func run(in lab: Lab) throws -> LabResult {
        let images = try lab.images(.mnist)
        let optimizers: [any Optimizer] = [
            SGD(learningRate: 0.01), Momentum(learningRate: 0.01, momentum: 0.9, rateInVelocity: true),
            AdaGrad(learningRate: 0.01, eps: 1e-7), Adam(learningRate: 0.001, eps: 1e-7, epsPlace: .uncorrected),
        ]
        return try lab.compare(
            [
                ("SGD", .printed(0.09...0.16, decimals: 2)), ("momentum", .printed(0.02...0.09, decimals: 2)),
                ("AdaGrad", .printed(0.012...0.012, decimals: 3)), ("Adam", 0.0085...0.035),
            ], seeds: seeds, steps: steps, batch: 128, caption: "Mean of the seeds, each smoothed over 21 steps.",
            note:
                "The book's program, run in NumPy from seeds 0 to 2, has means over those hundred steps of 0.20 to 0.21 (SGD), "
                + "0.062 to 0.068 (momentum), 0.030 to 0.032 (AdaGrad) and 0.036 to 0.047 (Adam).", on: images
        ) { variant, seed in
            let model = denseNetwork([images.pixels, 100, 100, 100, 100, images.classes], HeNormal()) { _ in [ReLU()] }
            return try images.trainer(model, optimizers[variant], settings: TrainingSettings(seed: seed))
        }
    }
}
