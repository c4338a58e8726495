import EspalierNN
import EspalierSpec
import EspalierTraining

/// What first weights do to a training: figure 6-15 of "Deep Learning from Scratch".
public struct InitializationComparison: LabExperiment {
    public var seeds = [0, 1, 2]
    public var steps = 2000

    public static let name = "initializationComparison"
    public static let summary = "MNIST by five ReLU layers from three kinds of first weights"
    public static let lesson = """
        With first weights of deviation 0.01 nothing is learned: the signal dies on its way up, and the gradient on its way \
        down. Xavier's weights learn, and He's, made for ReLU, learn faster. The network, the data and the optimiser are \
        the same each time.
        """
    public static let fields = [
        Field("seeds", \Self.seeds, "one training of each kind for each"),
        Field("steps", \Self.steps, "of 128 images", in: 1...1_000_000),
    ]

    public init() {}

    public func run(in lab: Lab) throws -> LabResult {
        let images = try lab.images(.mnist)
        // The book's Xavier is 1 / n of the inputs, which others call LeCun's.
        let initializers: [any Initializer] = [Normal(std: 0.01), LeCunNormal(), HeNormal()]
        return try lab.compare(
            [
                ("std 0.01", .printed(2.298...2.300, decimals: 3)), ("Xavier", .printed(0.225...0.300, decimals: 3)),
                ("He", .printed(0.151...0.229, decimals: 3)),
            ], seeds: seeds, steps: steps,
            batch: 128, caption: "Mean of the seeds, each smoothed over 21 steps.",
            note:
                "The book's program, run in NumPy from seeds 0 to 2, has means over those hundred steps of 2.301 (0.01), 0.28 to "
                + "0.30 (Xavier) and 0.19 to 0.20 (He).", on: images
        ) { variant, seed in
            let model = denseNetwork([images.pixels, 100, 100, 100, 100, images.classes], initializers[variant]) { _ in
                [ReLU()]
            }
            return try images.trainer(model, SGD(learningRate: 0.01), settings: TrainingSettings(seed: seed))
        }
    }
}
