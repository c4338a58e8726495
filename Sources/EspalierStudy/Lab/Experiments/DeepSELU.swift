import EspalierNN
import EspalierSpec
import EspalierTraining

/// A hundred hidden layers, by SELU and by ReLU: chapter 11 of Géron's "Hands-On Machine Learning", 2nd edition.
public struct DeepSELU: LabExperiment {
    public var seeds = [0, 1, 2]
    public var epochs = 5
    public var layers = 99
    public var images: Int?

    public static let name = "deepSELU"
    public static let summary = "Fashion-MNIST by 100 hidden layers: SELU with LeCun's weights, ReLU with He's"
    public static let lesson = """
        A hundred dense layers without normalisation learn with SELU, whose outputs settle at mean 0 and variance 1 from \
        LeCun's weights and standardised inputs. With ReLU and He's weights the same depth learns less: the variance holds \
        on average, but not the single sample's. Both conditions matter, the weights and the standardised inputs.
        """
    public static let fields = [
        Field("seeds", \Self.seeds, "one training of each kind for each"),
        Field("epochs", \Self.epochs, "passes over 55,000 images", in: 1...1000),
        Field("layers", \Self.layers, "hidden layers of 100 units behind the first of 300", in: 0...1000),
        Field("images", \Self.images, "only the first so many; null for all", in: 40...),
    ]

    public init() {}

    public func run(in lab: Lab) throws -> LabResult {
        let images = try lab.images(.fashionMNIST).first(images)
        let (train, validation, _) = try images.standardized(holding: 5000)
        let widths = [images.pixels, 300] + [Int](repeating: 100, count: layers) + [images.classes], epochs = epochs
        @Sendable func trainer(_ seed: Int, _ initializer: any Initializer, _ activation: () -> any Layer) throws
            -> Trainer
        {
            let model = denseNetwork(widths, initializer, output: XavierUniform()) { _ in [activation()] }
            return try images.trainer(
                model, SGD(learningRate: 0.001), settings: TrainingSettings(epochs: epochs, batchSize: 32, seed: seed))
        }
        return try lab.compare(
            [
                LabVariant(name: "SELU, LeCun", expected: .printed(0.82, of: 5000)) {
                    try trainer($0, KerasNormal.leCun) { SELU() }
                },
                LabVariant(name: "ReLU, He", expected: .printed(0.74, of: 5000)) {
                    try trainer($0, KerasNormal.he) { ReLU() }
                },
            ], seeds: seeds, train: train, validation: validation, on: images, caption: "Mean of the seeds.")
    }
}
