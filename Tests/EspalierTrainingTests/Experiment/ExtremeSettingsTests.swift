import EspalierEngine
import EspalierSpec
import Testing

@testable import EspalierTraining

/// Settings at the ends of their ranges: refused, or a training begins; no sum of them leaves the whole numbers.
struct ExtremeSettingsTests {
    private static let configuration = """
        data: {source: digits, limit: 40}
        model: [{linear: {units: auto}}]
        schedule: {warmup: {steps: 3, then: SCHEDULE}}
        gradient: {accumulate: 2}
        training: {epochs: 2, batchSize: 8}
        callbacks: [{earlyStopping: {patience: 5}}, {checkpoint: {every: 1, keep: 1}}]
        averaging: {ema: {decay: 0.9}}
        doctor: {probeEvery: 1}
        """

    private static let schedules = [
        "{cosine: {steps: 9}}", "{linear: {steps: 9}}", "{polynomial: {steps: 9}}", "{exponential: {every: 9}}",
        "{step: {every: 9}}", "{power: {timescale: 9}}", "{inverseSqrt: {timescale: 9}}", "{cyclic: {up: 9, down: 9}}",
        "{cosineWarmRestarts: {cycle: 9, growth: 2}}", "{warmupStableDecay: {steps: 9}}",
        "{performance: {patience: 9}}",
        "{piecewise: {boundaries: [3, 9], factors: [1, 0.5, 0.1]}}", "oneCycle",
    ]

    /// The whole numbers of the configuration, one after the other, as large as can be.
    @Test(arguments: schedules) func theLargestWholeNumbers(schedule: String) throws {
        let text = Self.configuration.replacing("SCHEDULE", with: schedule)
        var begun = 0
        for place in text.matches(of: /: ([0-9]+)[,}]/) {
            for number in ["9223372036854775807", "4611686018427387905", "1"] {
                var changed = text
                changed.replaceSubrange(place.output.1.startIndex..<place.output.1.endIndex, with: number)
                do {
                    let prepared = try experiment(changed).prepare()
                    let trainer = try prepared.makeTrainer(engine: Engine(threads: 1))
                    trainer.shouldInterrupt = { trainer.step >= 3 }
                    _ = try trainer.fit(prepared.data.train, validation: prepared.data.validation)
                    begun += 1
                } catch let error as EspalierError {
                    #expect(error.location != nil, "\(error)")
                }
            }
        }
        #expect(begun > 5)
    }
}
