import EspalierNN
import EspalierTraining

/// Two thousand steps of "Deep Learning from Scratch" on all training images, and how the loss goes.
struct BookRun: Sendable {
    /// Before each step, on its batch.
    var losses: [Double] = []
    /// What the book's program prints: the loss on the batch of the step at which the last hundred begins, after that step.
    var printed = Double.nan

    init(_ trainer: Trainer, on images: LabImages, steps: Int, batch: Int, seed: Int) throws {
        let batches = DrawnBatches(size: batch, seed: seed)
        for step in 0..<steps {
            let rows = batches.rows(step, of: images.train)
            losses.append(try trainer.step(on: rows, of: images.train))
            if step == max(0, steps - 100) { printed = try trainer.evaluate(images.train[rows]).loss }
        }
    }
}

extension Lab {
    /// Carries the book's run out for every variant and seed, and shows the losses.
    func compare(
        _ variants: [(name: String, expected: ClosedRange<Double>)], seeds: [Int], steps: Int, batch: Int,
        caption: String, on images: LabImages, _ trainer: @escaping @Sendable (_ variant: Int, _ seed: Int) throws -> Trainer
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
            },
            figures: [
                LabFigure("Training loss", caption, .lines(.init(x: .init("step"), y: .init("loss"), series)))
            ],
            notes: [
                "The mean over the seeds is compared: the loss of one batch of \(batch), which the book's program prints, "
                    + "goes up and down by a fifth."
            ])
    }
}
