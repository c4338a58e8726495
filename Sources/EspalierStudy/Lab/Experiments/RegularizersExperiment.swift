import EspalierData
import EspalierNN
import EspalierSpec
import EspalierTraining

/// Penalties, dropout and constraints: chapter 11 of Géron's "Hands-On Machine Learning", 2nd edition.
public struct RegularizersExperiment: LabExperiment {
    public var seeds = [0, 1, 2]
    public var epochs = 2
    public var alphaEpochs = 20
    public var images: Int?
    public var draws = 100

    public static let name = "regularizers"
    public static let summary = "Fashion-MNIST under l2, dropout, max-norm, alpha dropout, and Monte-Carlo dropout"
    public static let lesson = """
        After two epochs on 55,000 images nothing overfits yet, so that every regulariser costs accuracy, a strong penalty \
        most of all. They pay in long trainings on few data. Dropout that stays on in use and is averaged over a hundred \
        draws tells besides how sure the network is, class by class.
        """
    public static let fields = [
        Field("seeds", \Self.seeds, "one training of each kind for each"),
        Field("epochs", \Self.epochs, "passes over 55,000 images", in: 1...1000),
        Field("alphaEpochs", \Self.alphaEpochs, "the same under alpha dropout", in: 1...1000),
        Field("images", \Self.images, "only the first so many; null for all", in: 640...),
        Field("draws", \Self.draws, "of Monte-Carlo dropout", in: 2...100_000),
    ]

    public init() {}

    /// What alpha dropout came to on the test images.
    private struct Drawn: Sendable {
        var course: FittedCourse
        var plain: Double
        var averaged: Double
        /// Of the first test image: the mean probability of each class, and its deviation over the draws.
        var mean: [Float]
        var spread: [Float]
    }

    public func run(in lab: Lab) throws -> LabResult {
        let images = try lab.images(.fashionMNIST).first(images)
        let (train, validation, test) = try images.standardized(holding: 5000)
        let widths = [images.pixels, 300, 100, images.classes], epochs = epochs
        @Sendable func trainer(_ model: Sequential, _ seed: Int, _ penalty: WeightPenalty = WeightPenalty()) throws
            -> Trainer
        {
            try images.trainer(
                model, NAdam(learningRate: 0.001, eps: 1e-7), penalty: penalty,
                settings: TrainingSettings(epochs: epochs, batchSize: 32, seed: seed))
        }
        @Sendable func model(_ hidden: (Int) -> [any Layer] = { _ in [ELU()] }) -> Sequential {
            denseNetwork(widths, KerasNormal.he, output: XavierUniform(), hidden: hidden)
        }
        let variants = [
            // Keras's l2(0.01) is 0.01 sum w^2; here it is half of l2 times the sum.
            LabVariant(name: "l2 0.01", expected: .printed(0.838, of: 5000)) {
                try trainer(model(), $0, WeightPenalty(l2: 0.02))
            },
            LabVariant(name: "dropout 0.2", expected: .printed(0.872, of: 5000)) {
                try trainer(Sequential([Dropout(p: 0.2)] + model { _ in [ELU(), Dropout(p: 0.2)] }.layers), $0)
            },
            LabVariant(name: "max-norm 1", expected: .printed(0.866, of: 5000)) {
                // On the output's weights too, which the notebook leaves free.
                let model = denseNetwork(widths, KerasNormal.leCun, output: XavierUniform()) { _ in [SELU()] }
                return try trainer(model, $0, WeightPenalty(maxNorm: 1))
            },
            LabVariant(name: "none") { try trainer(model(), $0) },
        ]
        let courses = try lab.fit(variants, seeds: seeds, train: train, validation: validation)
        let drawn = try lab.map(seeds) { try alpha($0, images, train, validation, test) }
        return LabResult(
            images,
            measurements: zip(variants, courses).map { variant, courses in
                LabMeasurement(
                    "validation accuracy, \(variant.name)", over: courses.map { $0.validation.last ?? .nan },
                    expected: variant.expected)
            } + [
                LabMeasurement(
                    "validation accuracy, alpha dropout 0.2", over: drawn.map { $0.course.validation.last ?? .nan },
                    expected: .printed(0.876, of: 5000)),
                LabMeasurement("test accuracy, alpha dropout, in use", over: drawn.map(\.plain)),
                LabMeasurement(
                    "test accuracy, Monte-Carlo dropout, \(draws) draws", over: drawn.map(\.averaged),
                    expected: .printed(0.866, of: 10_000)),
            ],
            figures: figures(variants, courses, drawn, classes: images.train.targets),
            notes: [
                Lab.printedNote(seeds.count, validation.count),
                "The norm of the output's weights is limited too, which the notebook's is not.",
            ])
    }

    private func alpha(
        _ seed: Int, _ images: LabImages, _ train: Dataset, _ validation: Dataset, _ test: Dataset
    ) throws -> Drawn {
        let model = denseNetwork([images.pixels, 300, 100, images.classes], KerasNormal.leCun, output: XavierUniform())
        {
            _ in [SELU(), AlphaDropout(p: 0.2)]
        }
        let trainer = try images.trainer(
            Sequential([AlphaDropout(p: 0.2)] + model.layers),
            SGD(learningRate: 0.01, momentum: 0.9, nesterov: true, rateInVelocity: true),
            settings: TrainingSettings(epochs: alphaEpochs, batchSize: 32, seed: seed))
        // Without choosing the best epoch by validation, as the notebook has it; measured after each all the same.
        let course = FittedCourse(try trainer.fit(train, validation: validation))
        let inputs = try test.inputValues(), classes = images.classes
        let (mean, spread) = try trainer.predictions(for: inputs, samples: draws)
        guard case .classes(let labels, _) = test.targets else { preconditionFailure("images have classes") }
        let right = labels.indices.count { row in
            let own = mean[row * classes..<(row + 1) * classes]
            return own.indices.max { own[$0] < own[$1] } == row * classes + Int(labels[row])
        }
        return Drawn(
            course: course, plain: try trainer.accuracy(on: test), averaged: Double(right) / Double(labels.count),
            mean: Array(mean.prefix(classes)), spread: Array(spread.prefix(classes)))
    }

    private func figures(
        _ variants: [LabVariant], _ courses: [[FittedCourse]], _ drawn: [Drawn], classes: Dataset.Targets
    ) -> [LabFigure] {
        let rows = zip(variants, courses).map { variant, courses in
            let ends = courses.map { $0.validation.last ?? .nan }
            return LabFigure.Dots.Row(variant.name, ends.mean, (ends.min() ?? .nan)...(ends.max() ?? .nan))
        }
        let alpha = drawn.map { $0.course.validation.last ?? .nan }
        var figures = [
            LabFigure(
                "Validation accuracy", "The mean of the seeds, and from the lowest to the highest.",
                .dots(
                    .init(
                        .init("accuracy", share: true),
                        rows + [.init("alpha dropout", alpha.mean, (alpha.min() ?? .nan)...(alpha.max() ?? .nan))])))
        ]
        if case .classes(_, let names) = classes, let first = drawn.first {
            figures.append(
                LabFigure(
                    "How sure the network is",
                    "Of the first test image: the probability of each class, and a standard deviation over \(draws) draws of dropout.",
                    .dots(
                        .init(
                            .init("probability", share: true),
                            names.indices.map { index in
                                let (mean, spread) = (Double(first.mean[index]), Double(first.spread[index]))
                                return .init(names[index], mean, mean - spread...mean + spread)
                            }))))
        }
        return figures
    }
}
