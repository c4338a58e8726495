import EspalierNN
import EspalierSpec
import EspalierTraining

/// Overfitting's network with a validation set: the best epoch against the last.
public struct EarlyStoppingExperiment: LabExperiment {
    public var seeds = [0, 1, 2]
    public var epochs = 201
    public var patience = 20

    public static let name = "earlyStopping"
    public static let summary = "Overfitting's network with a validation set: the best epoch against the last"
    public static let lesson = """
        While the training loss goes on falling, the validation loss turns and rises: from there on the network learns by \
        heart. Early stopping ends there and goes back to the best epoch; all data is still used in every epoch, it is the \
        later passes that are saved. The loss gains by it and the accuracy here does not: the last epoch's network is right \
        as often or more often, and far too sure of itself where it is wrong.
        """
    public static let fields = [
        Field("seeds", \Self.seeds, "one training for each"),
        Field("epochs", \Self.epochs, "passes over 300 images at most", in: 1...100_000),
        Field("patience", \Self.patience, "epochs without a better validation loss", in: 1...10_000),
    ]

    public init() {}

    private struct Outcome: Sendable {
        var train: [Double]
        var validation: [Double]
        var stoppedAt: Double
        var best: Scores
        var last: Scores
        var bestEpoch: Double
    }

    private func outcome(_ seed: Int, _ images: LabImages) throws -> Outcome {
        let train = images.train[0..<min(300, images.train.count / 2)]
        let validation = images.train[train.count..<min(train.count + 1000, images.train.count)]
        let epochs = epochs
        func trainer(_ callbacks: [any Callback]) throws -> Trainer {
            let widths = [images.pixels] + [Int](repeating: 100, count: 6) + [images.classes]
            return try Trainer(
                denseNetwork(widths, HeNormal()) { _ in [ReLU()] }, loss: CrossEntropyLoss(), metrics: [Accuracy()],
                optimizer: SGD(learningRate: 0.05),
                settings: TrainingSettings(epochs: epochs, batchSize: 100, seed: seed), callbacks: callbacks,
                sampleShape: [images.pixels])
        }
        // The same training three times: stopped, to its end with the best epoch restored, and left as it ends.
        let stopped = try trainer([EarlyStopping(patience: patience)])
        let stop = try stopped.fit(train, validation: validation)
        let whole = try trainer([]).fit(train, validation: validation)
        let plain = try trainer([])
        _ = try plain.fit(train)
        return Outcome(
            train: whole.history.map(\.train.loss), validation: whole.history.map { $0.validation?.loss ?? .nan },
            stoppedAt: Double(stop.history.count), best: try stopped.evaluate(images.test),
            last: try plain.evaluate(images.test), bestEpoch: Double(stop.best?.epoch ?? 0))
    }

    public func run(in lab: Lab) throws -> LabResult {
        let images = try lab.images(.mnist).first(2000)
        let outcomes = try lab.map(seeds) { try outcome($0, images) }
        let first = outcomes[0]
        let best = Int(first.bestEpoch)
        return LabResult(
            images,
            measurements: [
                LabMeasurement("best epoch", over: outcomes.map(\.bestEpoch)),
                LabMeasurement("epoch at which it stopped", over: outcomes.map(\.stoppedAt)),
                LabMeasurement("test loss, best epoch restored", over: outcomes.map(\.best.loss)),
                LabMeasurement("test loss, last epoch", over: outcomes.map(\.last.loss)),
                LabMeasurement(
                    "test accuracy, best epoch restored", over: outcomes.map { $0.best["accuracy"] ?? .nan }),
                LabMeasurement("test accuracy, last epoch", over: outcomes.map { $0.last["accuracy"] ?? .nan }),
            ],
            figures: [
                LabFigure(
                    "Loss", "The first seed, trained to the end; the mark is where early stopping goes back to.",
                    .lines(
                        .init(
                            x: .init("epoch"), y: .init("loss", logarithmic: true),
                            [.init("train", first.train), .init("validation", first.validation)],
                            mark: first.validation.indices.contains(best - 1)
                                ? .init(x: first.bestEpoch, y: first.validation[best - 1], label: "best: epoch \(best)")
                                : nil)))
            ],
            notes: [
                "No book states values. The rate is 0.05 rather than overfitting's 0.01, so that the turn is seen within 201 "
                    + "epochs; 1000 further images are for validation."
            ])
    }
}
