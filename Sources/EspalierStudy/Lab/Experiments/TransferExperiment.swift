import EspalierData
import EspalierNN
import EspalierSpec
import EspalierTraining

/// Layers that were trained on other classes: chapter 11 of Géron's "Hands-On Machine Learning", 2nd edition.
public struct TransferExperiment: LabExperiment {
    public var seeds = [0, 1, 2]
    public var epochs = 20
    public var images: Int?

    public static let name = "transfer"
    public static let summary =
        "Sandals and shirts from 200 images, from scratch and on layers trained on eight other classes"
    public static let lesson = """
        Two hundred images are few; layers that were trained on tens of thousands of other clothes already know edges and \
        shapes. First they are frozen, so that the new output's large first errors do not spoil them, then all learn \
        together. The error falls several times over; how much is different from draw to draw.
        """
    public static let fields = [
        Field("seeds", \Self.seeds, "the three trainings for each"),
        Field("epochs", \Self.epochs, "of each training, the first fifth of them frozen", in: 5...1000),
        Field("images", \Self.images, "only the first so many; null for all", in: 1000...),
    ]

    public init() {}

    /// The two classes that are left for the second task: sandals and shirts.
    private static let left: [Int32] = [5, 6]

    private static func part(_ data: Dataset, left isLeft: Bool) throws -> Dataset {
        guard case .classes(let labels, let names) = data.targets else { return data }
        let kept = names.indices.filter { left.contains(Int32($0)) == isLeft }
        let rows = labels.indices.filter { kept.contains(Int(labels[$0])) }
        let numbers = rows.map { Int32(kept.firstIndex(of: Int(labels[$0])) ?? 0) }
        return try data[rows].withTargets(.classes(numbers, names: kept.map { names[$0] }))
    }

    private static func model(pixels: Int, outputs: Int) -> Sequential {
        denseNetwork([pixels, 300, 100, 50, 50, 50, outputs], XavierUniform()) { _ in [SELU()] }
    }

    private struct Outcome: Sendable {
        var first: Double
        var scratch: Double
        var transferred: Double
        var scratchCourse: [Double]
        var transferredCourse: [Double]
    }

    private func outcome(seed: Int, on images: LabImages) throws -> Outcome {
        let (train, validation) = images.held(5000)
        let pixels = images.pixels, settings = TrainingSettings(epochs: epochs, batchSize: 32, seed: seed)
        let a = try Trainer(
            Self.model(pixels: pixels, outputs: images.classes - 2), loss: CrossEntropyLoss(), metrics: [Accuracy()],
            optimizer: SGD(learningRate: 0.001), settings: settings, sampleShape: [pixels])
        let validationOfA = try Self.part(validation, left: false)
        let first = try a.fit(Self.part(train, left: false), validation: validationOfA)

        let few = try Self.part(train, left: true), test = try Self.part(images.test, left: true)
        let training = few[0..<min(200, few.count)]
        func trainer(_ groups: [ParameterGroup]) throws -> Trainer {
            try Trainer(
                Self.model(pixels: pixels, outputs: 1), loss: BinaryCrossEntropyLoss(),
                optimizer: SGD(learningRate: 0.001), groups: groups, settings: settings, sampleShape: [pixels])
        }
        /// The accuracy on the test images after each epoch.
        func course(_ trainer: Trainer) throws -> [Double] {
            let follower = TestFollower(trainer, test)
            trainer.listeners = [follower]
            _ = try trainer.fit(training)
            return follower.accuracies
        }
        let scratch = try course(trainer([]))
        // All but the output, which is the last parameter.
        let begin = try trainer([
            ParameterGroup(match: ["0", "2", "4", "6", "8"], frozen: true, unfreezeAt: epochs / 5 + 1)
        ])
        for entry in begin.state.parameters.entries where !entry.path.hasPrefix("10.") {
            if let values = a.state.parameters.values(entry.path) {
                _ = begin.state.parameters.values(entry.path)?.update(fromContentsOf: values)
            }
        }
        let transferred = try course(begin)
        return Outcome(
            first: first.history.last?.validation?["accuracy"] ?? .nan, scratch: scratch.last ?? .nan,
            transferred: transferred.last ?? .nan, scratchCourse: scratch, transferredCourse: transferred)
    }

    public func run(in lab: Lab) throws -> LabResult {
        let images = try lab.images(.fashionMNIST).first(images)
        let outcomes = try lab.map(seeds) { try outcome(seed: $0, on: images) }
        return LabResult(
            images,
            measurements: [
                LabMeasurement("validation accuracy of the eight classes", over: outcomes.map(\.first)),
                LabMeasurement(
                    "test accuracy from scratch", over: outcomes.map(\.scratch), expected: .printed(0.97, of: 2000)),
                LabMeasurement(
                    "test accuracy on trained layers", over: outcomes.map(\.transferred),
                    expected: .printed(0.994, of: 2000)),
                LabMeasurement(
                    "error from scratch over error on trained layers",
                    (1 - outcomes.map(\.scratch).mean) / (1 - outcomes.map(\.transferred).mean), expected: 2...20),
            ],
            figures: [
                LabFigure(
                    "Test accuracy on sandals and shirts",
                    "From 200 images; mean of the seeds. The trained layers are frozen for the first fifth.",
                    .lines(
                        .init(
                            x: .init("epoch"), y: .init("accuracy", share: true),
                            [
                                .init("from scratch", outcomes.map(\.scratchCourse).meanCurve),
                                .init("on trained", outcomes.map(\.transferredCourse).meanCurve),
                            ])))
            ],
            notes: [
                "The mean over the seeds is compared with what the book's notebook prints of one training, three standard "
                    + "errors of a share of 2000 images to both sides; that the error falls several times over is taken as "
                    + "2 to 20 times."
            ])
    }
}

/// Measures the accuracy of an answer yes or no after each epoch.
private final class TestFollower: TrainingListener {
    private unowned let trainer: Trainer
    private let data: Dataset
    private(set) var accuracies: [Double] = []

    init(_ trainer: Trainer, _ data: Dataset) {
        self.trainer = trainer
        self.data = data
    }

    func handle(_ event: TrainingEvent) throws {
        guard case .epoch = event, case .classes(let labels, _) = data.targets else { return }
        let right = zip(try trainer.predict(data), labels).count { ($0 > 0) == ($1 == 1) }
        accuracies.append(Double(right) / Double(labels.count))
    }
}
