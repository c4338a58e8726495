import EspalierData
import EspalierNN
import EspalierSpec
import EspalierTraining

/// Activations on one deep network, ranked by what is measured: beside the order that lecture notes recommend.
public struct ActivationRanking: LabExperiment {
    public var seeds = [0, 1, 2, 3, 4]
    public var epochs = 10
    public var images = 10_000

    public static let name = "activationRanking"
    public static let summary = "Nine activations on one network of eight hidden layers, with intervals"
    public static let lesson = """
        A ranking of activations holds for one network, one optimiser and one length of training; where intervals overlap it \
        is no ranking. On eight hidden layers the sigmoid is far behind, for its gradient shrinks in every layer; among \
        the others a point or two decides. The usual advice, ELU before leaky ReLU before ReLU before tanh before sigmoid, \
        is to be measured rather than believed.
        """
    public static let fields = [
        Field("seeds", \Self.seeds, "one training of each activation for each"),
        Field("epochs", \Self.epochs, "passes over the images", in: 1...1000),
        Field("images", \Self.images, "the first so many to learn from", in: 64...60_000),
    ]

    public init() {}

    private static let activations: [(name: String, make: @Sendable () -> any Layer)] = [
        ("ELU", { ELU() }), ("LeakyReLU", { LeakyReLU() }), ("ReLU", { ReLU() }), ("tanh", { Tanh() }),
        ("sigmoid", { Sigmoid() }), ("SELU", { SELU() }), ("GELU", { GELU() }), ("SiLU", { SiLU() }),
        ("Mish", { Mish() }),
    ]
    /// The order of the notes, best first: the first five above.
    private static let claimed = 5

    public func run(in lab: Lab) throws -> LabResult {
        let images = try lab.images(.fashionMNIST).first(images)
        var split = DataSplit(train: images.train, test: images.test)
        _ = try split.scale(.standard)
        let train = split.train, test = split.test ?? split.train
        let trials = Self.activations.indices.flatMap { activation in seeds.map { (activation, $0) } }
        let epochs = epochs
        let accuracies = try lab.map(trials) { activation, seed in
            // Each from the first weights that match it.
            let matching = (Self.activations[activation].make() as? any Activation)?.matchingInitializer ?? HeNormal()
            let widths = [images.pixels] + [Int](repeating: 100, count: 8) + [images.classes]
            let model = denseNetwork(widths, matching) { _ in [Self.activations[activation].make()] }
            let trainer = try images.trainer(
                model, SGD(learningRate: 0.01, momentum: 0.9),
                settings: TrainingSettings(epochs: epochs, batchSize: 64, seed: seed))
            _ = try trainer.fit(train)
            return try trainer.accuracy(on: test)
        }
        let values = Self.activations.indices.map { activation in
            zip(trials, accuracies).filter { $0.0.0 == activation }.map(\.1)
        }
        let ranked = values.indices.sorted { values[$0].mean > values[$1].mean }
        let pairs = (0..<Self.claimed).flatMap { first in (first + 1..<Self.claimed).map { (first, $0) } }
        return LabResult(
            images,
            measurements: Self.activations.indices.map {
                LabMeasurement("test accuracy, \(Self.activations[$0].name)", over: values[$0])
            } + [
                LabMeasurement(
                    "of the 10 pairs of the notes' order, measured so",
                    Double(pairs.count { values[$0.0].mean > values[$0.1].mean })),
                LabMeasurement(
                    "of the 10 pairs, so beyond the intervals",
                    Double(pairs.count { values[$0.0].interval.lowerBound > values[$0.1].interval.upperBound })),
            ],
            figures: [
                LabFigure(
                    "Test accuracy, ranked",
                    "Mean of the seeds with its 95 % interval (Student's t). The notes' order: "
                        + Self.activations.prefix(Self.claimed).map(\.name).joined(separator: " > ") + ".",
                    .dots(
                        .init(
                            .init("accuracy", share: true),
                            ranked.map { .init(Self.activations[$0].name, values[$0].mean, values[$0].interval) })))
            ],
            notes: [
                "No book states a value: the notes' claim is an order, and two lines say how much of it was measured."
            ])
    }
}

extension [Double] {
    /// Between which bounds the mean of ever more such values lies, 19 times out of 20: Student's t.
    var interval: ClosedRange<Double> {
        guard count > 1 else { return mean...mean }
        let quantiles = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]
        let quantile = count - 2 < quantiles.count ? quantiles[count - 2] : 2
        let error = deviation / Double(count - 1).squareRoot()
        return mean - quantile * error...mean + quantile * error
    }
}
