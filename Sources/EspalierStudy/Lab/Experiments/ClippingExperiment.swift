import EspalierNN
import EspalierSpec
import EspalierTraining

/// Clipped gradients: chapter 11 of Géron's "Hands-On Machine Learning", 1st edition.
public struct ClippingExperiment: LabExperiment {
    public var seeds = [0, 1, 2]
    public var epochs = 20
    public var images: Int?

    public static let name = "clipping"
    public static let summary = "MNIST by 300-50x4 with every element of the gradient between -1 and 1"
    public static let lesson = """
        Clipping keeps one steep place of the loss from throwing the weights far away. Where gradients are small anyway, as \
        in this network, it changes nothing: the two curves are the same to the digit. It is a safety belt, not an engine.
        """
    public static let fields = [
        Field("seeds", \Self.seeds, "one training of each kind for each"),
        Field("epochs", \Self.epochs, "passes over 55,000 images", in: 1...1000),
        Field("images", \Self.images, "only the first so many; null for all", in: 400...),
    ]

    public init() {}

    public func run(in lab: Lab) throws -> LabResult {
        let images = try lab.images(.mnist).first(images)
        let (train, validation) = images.held(5000), epochs = epochs
        @Sendable func trainer(_ seed: Int, _ gradient: GradientSettings) throws -> Trainer {
            let model = denseNetwork([images.pixels, 300, 50, 50, 50, 50, images.classes], XavierUniform()) { _ in
                [ReLU()]
            }
            return try images.trainer(
                model, SGD(learningRate: 0.01), gradient: gradient,
                settings: TrainingSettings(epochs: epochs, batchSize: 200, seed: seed))
        }
        return try lab.compare(
            [
                LabVariant(name: "clipped at 1", expected: .printed(0.961, of: 5000)) {
                    try trainer($0, GradientSettings(clipValue: 1))
                },
                LabVariant(name: "as it is") { try trainer($0, GradientSettings()) },
            ], seeds: seeds, train: train, validation: validation, on: images, caption: "Mean of the seeds.")
    }
}
