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
        // Two of the bands were single numbers to the book's digits: the range of its three runs is not known to be wider.
        return try lab.compare(
            [("SGD", 0.09...0.16), ("momentum", 0.02...0.09), ("AdaGrad", 0.0...0.05), ("Adam", 0.009...0.03)],
            seeds: seeds, steps: steps, batch: 128, caption: "Mean of the seeds, each smoothed over 21 steps.",
            on: images
        ) { variant, seed in
            let model = denseNetwork([images.pixels, 100, 100, 100, 100, images.classes], HeNormal()) { _ in [ReLU()] }
            return try images.trainer(model, optimizers[variant], settings: TrainingSettings(seed: seed))
        }
    }
}
