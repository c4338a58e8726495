import EspalierData
import EspalierNN
import EspalierTraining

/// A kind of training that is carried out for each seed.
struct LabVariant: Sendable {
    var name: String
    /// The accuracy on the validation data after the last epoch.
    var expected: ClosedRange<Double>?
    var trainer: @Sendable (_ seed: Int) throws -> Trainer
}

/// What the epochs of a training came to.
struct FittedCourse: Sendable {
    /// After each epoch.
    var validation: [Double]
    /// Over each epoch's batches.
    var losses: [Double]

    init(_ result: TrainingResult) {
        validation = result.history.map { $0.validation?["accuracy"] ?? .nan }
        losses = result.history.map(\.train.loss)
    }
}

extension Lab {
    /// Trains each variant from each seed; a list for each variant.
    func fit(
        _ variants: [LabVariant], seeds: [Int], train: Dataset, validation: Dataset
    ) throws -> [[FittedCourse]] {
        let trials = variants.flatMap { variant in seeds.map { (variant, $0) } }
        let courses = try map(trials) { variant, seed in
            FittedCourse(try variant.trainer(seed).fit(train, validation: validation))
        }
        return variants.indices.map { Array(courses[$0 * seeds.count..<($0 + 1) * seeds.count]) }
    }

    /// The same, with the accuracy after the last epoch as what was measured, and its course as a figure.
    func compare(
        _ variants: [LabVariant], seeds: [Int], train: Dataset, validation: Dataset, on images: LabImages,
        caption: String, notes: [String] = []
    ) throws -> LabResult {
        let courses = try fit(variants, seeds: seeds, train: train, validation: validation)
        return LabResult(
            images,
            measurements: zip(variants, courses).map { variant, courses in
                LabMeasurement(
                    "validation accuracy, \(variant.name)", over: courses.map { $0.validation.last ?? .nan },
                    expected: variant.expected)
            },
            figures: [
                LabFigure(
                    "Validation accuracy", caption,
                    .lines(
                        .init(
                            x: .init("epoch"), y: .init("accuracy", share: true),
                            zip(variants, courses).map { .init($0.name, $1.map(\.validation).meanCurve) }))),
                LabFigure(
                    "Training loss", "Over each epoch's batches; mean of the seeds.",
                    .lines(
                        .init(
                            x: .init("epoch"), y: .init("loss", logarithmic: true),
                            zip(variants, courses).map { .init($0.name, $1.map(\.losses).meanCurve) }))),
            ], notes: [Self.printedNote(seeds.count, validation.count)] + notes)
    }

    static func printedNote(_ seeds: Int, _ samples: Int) -> String {
        "The mean over the seeds is compared with what the book's notebook prints of one training, three standard errors of "
            + "a share of \(samples) images to both sides."
    }
}
