import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import EspalierTraining

/// How far each layer's inputs drift in training, and whether that is why batch normalisation helps.
public struct CovariateShift: LabExperiment {
    public var seeds = [0, 1, 2]
    public var steps = 1000
    public var images = 5000

    public static let name = "covariateShift"
    public static let summary =
        "The drift of layers' inputs with and without batch normalisation, and with made-up drift"
    public static let lesson = """
        Batch normalisation was introduced against internal covariate shift: that a layer's inputs change their \
        distribution as the layers below learn. The drift can be measured, and it can be put back by hand: behind the \
        normalisation every unit is moved and stretched at random in each step. If the network still learns as fast with \
        that, the drift was not what it was helped against.
        """
    public static let fields = [
        Field("seeds", \Self.seeds, "one training of each kind for each"),
        Field("steps", \Self.steps, "of 100 images", in: 10...1_000_000),
        Field("images", \Self.images, "the first so many to learn from", in: 100...60_000),
    ]

    public init() {}

    private static let variants: [(name: String, hidden: @Sendable (Int) -> [any Layer])] = [
        ("without", { _ in [ReLU()] }), ("batch norm", { [BatchNorm($0), ReLU()] }),
        ("batch norm, moved", { [BatchNorm($0), RandomDrift(), ReLU()] }),
    ]

    private struct Course: Sendable {
        var losses: [Double] = []
        /// Of the inputs of the hidden layers behind the first, from one look to the next, in deviations.
        var drift: [Double] = []
        var accuracy = 0.0
    }

    private func course(_ variant: Int, _ seed: Int, on images: LabImages) throws -> Course {
        let widths = [images.pixels] + [Int](repeating: 100, count: 5) + [images.classes]
        let model = denseNetwork(widths, HeNormal(), hidden: Self.variants[variant].hidden)
        let trainer = try images.trainer(
            model, SGD(learningRate: 0.03), settings: TrainingSettings(batchSize: 100, seed: seed))
        let batches = DrawnBatches(size: min(100, images.train.count), seed: seed)
        let probe = images.train[0..<min(500, images.train.count)]
        let x = Tensor(try probe.inputValues(), [probe.count, images.pixels])
        var course = Course(), before: [[Double]]?
        let interval = max(1, steps / 50)
        for step in 0..<steps {
            if step % interval == 0 {
                let now = try Self.moments(model, trainer.state, x)
                if let before { course.drift.append(Self.drift(before, now)) }
                before = now
            }
            course.losses.append(try trainer.step(on: batches.rows(step, of: images.train), of: images.train))
        }
        course.accuracy = try trainer.accuracy(on: images.test)
        return course
    }

    /// For each hidden layer behind the first the mean and the deviation of each unit's input to the activation, as in training.
    private static func moments(_ model: Sequential, _ state: ModelState, _ x: Tensor) throws -> [[Double]] {
        state.mode = .training
        defer { state.mode = .inference }
        var y = x, measures: [Tensor] = [], isFirst = true
        for layer in model.layers {
            if layer is any Activation {
                if !isFirst { measures += [y.mean(axes: [0]), y.variance(axes: [0]).sqrt()] }
                isFirst = false
            }
            y = layer(y)
        }
        let values = try Engine.current.evaluate(measures).map { $0.map(Double.init) }
        // What the normalisations measured in this look is not the training's.
        for (_, slot) in state.contents.statistics { _ = slot.takeNext() }
        return values
    }

    /// The root of the mean square by which units' means moved, in units of their deviations; mean of the layers.
    private static func drift(_ before: [[Double]], _ now: [[Double]]) -> Double {
        stride(from: 0, to: before.count, by: 2).map { layer in
            before[layer].indices.map { unit -> Double in
                let change = now[layer][unit] - before[layer][unit]
                let deviation = max(before[layer + 1][unit], 1e-6)
                return change * change / (deviation * deviation)
            }.mean.squareRoot()
        }.mean
    }

    public func run(in lab: Lab) throws -> LabResult {
        let images = try lab.images(.mnist).first(images)
        let trials = Self.variants.indices.flatMap { variant in seeds.map { (variant, $0) } }
        let courses = try lab.map(trials) { try course($0, $1, on: images) }
        func own(_ variant: Int) -> [Course] { zip(trials, courses).filter { $0.0.0 == variant }.map(\.1) }
        let interval = Double(max(1, steps / 50))
        return LabResult(
            images,
            measurements: Self.variants.indices.flatMap { variant in
                [
                    LabMeasurement(
                        "loss in the end, \(Self.variants[variant].name)",
                        over: own(variant).map { $0.losses.suffix(50).map(\.self).mean }),
                    LabMeasurement("test accuracy, \(Self.variants[variant].name)", over: own(variant).map(\.accuracy)),
                    LabMeasurement(
                        "mean drift from look to look, \(Self.variants[variant].name)",
                        over: own(variant).map(\.drift.mean)),
                ]
            },
            figures: [
                LabFigure(
                    "Training loss", "Mean of the seeds, each smoothed over 21 steps.",
                    .lines(
                        .init(
                            x: .init("step"), y: .init("loss", logarithmic: true),
                            Self.variants.indices.map {
                                .init(
                                    Self.variants[$0].name, own($0).map(\.losses).meanCurve.smoothed(reach: 10), from: 0
                                )
                            }))),
                LabFigure(
                    "Drift of the hidden layers' inputs",
                    "By how many of its deviations a unit's mean moved in \(Int(interval)) steps; root mean square over units, mean over layers.",
                    .lines(
                        .init(
                            x: .init("step"), y: .init("drift", logarithmic: true),
                            Self.variants.indices.map {
                                .init(
                                    Self.variants[$0].name, own($0).map(\.drift).meanCurve, from: interval,
                                    step: interval)
                            }))),
            ],
            notes: [
                "No book states values. The experiment with drift put back is that of Santurkar, Tsipras, Ilyas and Madry "
                    + "2018, \"How does batch normalization help optimization?\"."
            ])
    }
}

/// In training, stretches every unit by up to a quarter and moves it by up to a half, other ones in each step.
private final class RandomDrift: ModeDependent {
    var mode = Mode.inference
    @Randomness private var random

    func forward(_ x: Tensor) -> Tensor {
        guard mode == .training else { return x }
        let draws = random.uniform([2, x.shape[x.rank - 1]]) - 0.5
        return x * (1 + 0.5 * draws.slice(0..<1)) + draws.slice(1..<2)
    }
}
