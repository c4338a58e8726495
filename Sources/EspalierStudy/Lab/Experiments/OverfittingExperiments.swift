import EspalierGraph
import EspalierNN
import EspalierSpec
import EspalierTraining

/// Too many weights for 300 images: section 6.4 of "Deep Learning from Scratch", of which the next two are remedies.
public struct OverfittingExperiment: LabExperiment {
    public var seeds = [0, 1, 2]
    public var epochs = 201

    public static let name = "overfitting"
    public static let summary = "300 images by seven layers: everything is learned by heart"
    public static let lesson = """
        Seven layers of 100 units learn 300 images by heart: training accuracy reaches 100%, test accuracy stops at three \
        quarters. From then on more training changes nothing, since the training loss is near zero. The distance between \
        the two curves is what overfitting means.
        """
    public static let fields = [
        Field("seeds", \Self.seeds, "one training for each"),
        Field("epochs", \Self.epochs, "passes over 300 images", in: 1...100_000),
    ]

    public init() {}

    public func run(in lab: Lab) throws -> LabResult {
        try lab.overfit(
            epochs: epochs, seeds: seeds, train: 0.999...1, test: .printed(0.75...0.76, decimals: 2),
            notes: ["The mean over the seeds is compared."]
        ) { images, seed in
            let model = denseNetwork(images.overfitWidths, HeNormal()) { _ in [ReLU()] }
            return try images.trainer(
                model, SGD(learningRate: 0.01), settings: TrainingSettings(batchSize: 100, seed: seed))
        }
    }
}

/// The same with weight decay: figure 6-21.
public struct WeightDecayExperiment: LabExperiment {
    public var seeds = [0, 1, 2]
    public var epochs = 201
    public var strength = 0.1

    public static let name = "weightDecay"
    public static let summary = "Overfitting's network with weight decay"
    public static let lesson = """
        A penalty on the squares of the weights brings the two curves together: the network no longer learns everything by \
        heart. But the test accuracy does not rise, it falls a little: the gap shrinks because training got worse. A gap \
        by itself is no measure of a model; what counts is the test result.
        """
    public static let fields = [
        Field("seeds", \Self.seeds, "one training for each"),
        Field("epochs", \Self.epochs, "passes over 300 images", in: 1...100_000),
        Field("strength", \Self.strength, "lambda of the penalty (lambda / 2) sum w^2", in: 0...),
    ]

    public init() {}

    public func run(in lab: Lab) throws -> LabResult {
        let strength = strength
        return try lab.overfit(
            epochs: epochs, seeds: seeds, train: .printed(0.88...0.92, decimals: 2),
            test: .printed(0.70...0.73, decimals: 2),
            notes: [
                "The mean over the seeds is compared. The gap shrinks, and the test accuracy does not rise: compare "
                    + "`overfitting`, whose test accuracy is higher without any decay."
            ]
        ) { images, seed in
            let model = denseNetwork(images.overfitWidths, HeNormal()) { _ in [ReLU()] }
            return try images.trainer(
                model, SGD(learningRate: 0.01), penalty: WeightPenalty(l2: strength),
                settings: TrainingSettings(batchSize: 100, seed: seed))
        }
    }
}

/// The same with dropout: figure 6-23.
public struct DropoutEffect: LabExperiment {
    public var seeds = [0, 1, 2]
    public var epochs = 301
    public var p = 0.2

    public static let name = "dropoutEffect"
    public static let summary = "Overfitting's network with dropout"
    public static let lesson = """
        Dropout brings the curves together as well, and more so: no unit can rely on another. After 301 epochs this network \
        knows neither set well, it underfits: it would have to be trained far longer. A regulariser pays where there is \
        enough training for it to take effect.
        """
    public static let fields = [
        Field("seeds", \Self.seeds, "one training for each"),
        Field("epochs", \Self.epochs, "passes over 300 images", in: 1...100_000),
        Field("p", \Self.p, "share of the units dropped", in: 0..<1),
    ]

    public init() {}

    public func run(in lab: Lab) throws -> LabResult {
        let p = p
        return try lab.overfit(
            epochs: epochs, seeds: seeds, train: .printed(0.60...0.68, decimals: 2),
            test: .printed(0.48...0.57, decimals: 2),
            notes: [
                "The mean over the seeds is compared. The gap shrinks, and the network underfits.",
                "The book's dropout scales by 1 - p when the model is used, today's by 1 / (1 - p) while it is trained. "
                    + "Here it is the book's: six layers of it start from smaller signals, and so learn more slowly.",
            ]
        ) { images, seed in
            let model = denseNetwork(images.overfitWidths, HeNormal()) { _ in [ReLU(), ScaledDropout(p: p)] }
            return try images.trainer(
                model, SGD(learningRate: 0.01), settings: TrainingSettings(batchSize: 100, seed: seed))
        }
    }
}

/// Dropout as its paper has it: units are dropped in training and nothing is scaled; in use all outputs are times 1 - p.
///
/// That is the usual one times 1 - p, in training as in use.
private final class ScaledDropout: Layer {
    private let dropout: Dropout

    init(p: Double) { dropout = Dropout(p: p) }

    func forward(_ x: Tensor) -> Tensor { (1 - dropout.p) * dropout(x) }
}

extension LabImages {
    fileprivate var overfitWidths: [Int] { [pixels, 100, 100, 100, 100, 100, 100, classes] }
}

extension Lab {
    fileprivate func overfit(
        epochs: Int, seeds: [Int], train: ClosedRange<Double>, test: ClosedRange<Double>, notes: [String],
        _ trainer: @escaping @Sendable (_ images: LabImages, _ seed: Int) throws -> Trainer
    ) throws -> LabResult {
        let images = try images(.mnist).first(300)
        let courses = try map(seeds) { seed in
            try AccuracyCourse(
                trainer(images, seed), on: images.train, test: images.test, epochs: epochs,
                batch: min(100, images.train.count), seed: seed)
        }
        return LabResult(
            images,
            measurements: [
                LabMeasurement("train accuracy", over: courses.map { $0.train.last ?? .nan }, expected: train),
                LabMeasurement("test accuracy", over: courses.map { $0.test.last ?? .nan }, expected: test),
            ],
            figures: [
                LabFigure(
                    "Accuracy", "Mean of the seeds. The space between the curves is what was learned by heart.",
                    .lines(
                        .init(
                            x: .init("epoch"), y: .init("accuracy", share: true),
                            [
                                .init("train", courses.map(\.train).meanCurve),
                                .init("test", courses.map(\.test).meanCurve),
                            ])))
            ], notes: notes)
    }
}
