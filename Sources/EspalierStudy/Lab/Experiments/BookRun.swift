import EspalierNN
import EspalierTraining

/// Two thousand steps of "Deep Learning from Scratch" on all training images, and how the loss goes.
struct BookRun: Sendable {
    /// Before each step, on its batch.
    var losses: [Double] = []
    /// What the book's program prints: the loss on the batch of the step at which the last hundred begins, after that step.
    var printed = Double.nan
    /// The mean of such losses of the hundred steps around it: what that of one batch scatters around.
    var mean = Double.nan

    init(_ trainer: Trainer, on images: LabImages, steps: Int, batch: Int, seed: Int) throws {
        let batches = DrawnBatches(size: batch, seed: seed), last = max(0, steps - 100)
        var after: [Double] = []
        for step in 0..<steps {
            let rows = batches.rows(step, of: images.train)
            losses.append(try trainer.step(on: rows, of: images.train))
            guard abs(step - last) < 50 else { continue }
            after.append(try trainer.evaluate(images.train[rows]).loss)
            if step == last { printed = after[after.count - 1] }
        }
        mean = after.mean
    }
}

extension Lab {
    /// Carries the book's run out for every variant and seed, and shows the losses.
    func compare(
        _ variants: [(name: String, expected: ClosedRange<Double>)], seeds: [Int], steps: Int, batch: Int,
        caption: String, note: String, on images: LabImages,
        _ trainer: @escaping @Sendable (_ variant: Int, _ seed: Int) throws -> Trainer
    ) throws -> LabResult {
        let trials = variants.indices.flatMap { variant in seeds.map { (variant, $0) } }
        let runs = try map(trials) { variant, seed in
            try BookRun(trainer(variant, seed), on: images, steps: steps, batch: batch, seed: seed)
        }
        func own(_ variant: Int) -> [BookRun] { zip(trials, runs).filter { $0.0.0 == variant }.map(\.1) }
        let series = variants.indices.map { variant in
            LabFigure.Lines.Series(
                variants[variant].name, own(variant).map(\.losses).meanCurve.smoothed(reach: 10), from: 0)
        }
        return LabResult(
            images,
            measurements: variants.indices.map { variant in
                LabMeasurement(
                    "loss at \(max(0, steps - 100)), \(variants[variant].name)", over: own(variant).map(\.printed),
                    expected: variants[variant].expected)
            }
                + variants.indices.map { variant in
                    LabMeasurement(
                        "the same, mean of the hundred steps around, \(variants[variant].name)",
                        over: own(variant).map(\.mean))
                },
            figures: [
                LabFigure("Training loss", caption, .lines(.init(x: .init("step"), y: .init("loss"), series)))
            ],
            notes: [
                "The mean over the seeds is compared. What the book's program prints is the loss of one batch of \(batch), "
                    + "which scatters by a quarter and more around the mean of the steps nearby; a band of three such "
                    + "losses is narrower than that. " + note
            ])
    }
}
