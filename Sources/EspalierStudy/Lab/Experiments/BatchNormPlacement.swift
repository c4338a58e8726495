import EspalierNN
import EspalierSpec
import EspalierTraining

/// Batch normalisation before and after the activation: chapter 11 of Géron's "Hands-On Machine Learning", 2nd edition.
public struct BatchNormPlacement: LabExperiment {
    public var seeds = [0, 1, 2]
    public var epochs = 10
    public var images: Int?

    public static let name = "batchNormPlacement"
    public static let summary = "Fashion-MNIST by 300-100 with batch normalisation after or before the activation"
    public static let lesson = """
        Whether batch normalisation stands after the activation or before it makes little difference here; its authors put \
        it before. Before, the layer's bias is needless, since the normalisation subtracts it and has one of its own. Of \
        each normalisation's four values a unit two are learned and two are measured: they count as parameters, and no \
        gradient reaches them.
        """
    public static let fields = [
        Field("seeds", \Self.seeds, "one training of each kind for each"),
        Field("epochs", \Self.epochs, "passes over 55,000 images", in: 1...1000),
        Field("images", \Self.images, "only the first so many; null for all", in: 40...),
    ]

    public init() {}

    /// Keras's settings.
    private static func normalization(_ width: Int) -> BatchNorm { BatchNorm(width, eps: 1e-3, momentum: 0.01) }

    static func after(pixels: Int, classes: Int) -> Sequential {
        Sequential(
            [normalization(pixels)]
                + denseNetwork([pixels, 300, 100, classes], XavierUniform()) { [ReLU(), normalization($0)] }.layers)
    }

    static func before(pixels: Int, classes: Int) -> Sequential {
        Sequential(
            [normalization(pixels)]
                + denseNetwork([pixels, 300, 100, classes], XavierUniform(), bias: false) {
                    [normalization($0), ReLU()]
                }.layers)
    }

    public func run(in lab: Lab) throws -> LabResult {
        let images = try lab.images(.fashionMNIST).first(images)
        let (train, validation) = images.held(5000), settings = TrainingSettings(epochs: epochs, batchSize: 32)
        @Sendable func trainer(_ model: Sequential, _ seed: Int) throws -> Trainer {
            var settings = settings
            settings.seed = seed
            return try images.trainer(model, SGD(learningRate: 0.001), settings: settings)
        }
        var result = try lab.compare(
            [
                LabVariant(name: "after the activation", expected: .printed(0.875, of: 5000)) {
                    try trainer(Self.after(pixels: images.pixels, classes: images.classes), $0)
                },
                LabVariant(name: "before the activation", expected: .printed(0.866, of: 5000)) {
                    try trainer(Self.before(pixels: images.pixels, classes: images.classes), $0)
                },
            ], seeds: seeds, train: train, validation: validation, on: images, caption: "Mean of the seeds.")
        let state = try ModelState(Self.after(pixels: images.pixels, classes: images.classes), seed: 0)
        result.measurements += [
            LabMeasurement(
                "parameters, measured ones included", Double(state.parameterCount + state.statisticCount),
                expected: 271_346...271_346),
            LabMeasurement("of which measured, not learned", Double(state.statisticCount), expected: 2368...2368),
        ]
        return result
    }
}
