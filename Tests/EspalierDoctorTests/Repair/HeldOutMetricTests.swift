import Espalier
import Testing

@testable import EspalierDoctor
@testable import EspalierTraining

/// What a repair compares before and after.
struct HeldOutMetricTests {
    private func metric(_ text: String) throws -> HeldOutMetric {
        HeldOutMetric(try Experiment(configuration: YAML.parse(text, file: "test.yaml")).prepare())
    }

    @Test func samplesHeldOutCountWhereThereAreAny() throws {
        func scores(_ name: String, _ value: Double) -> Scores { Scores(loss: 1, metrics: [(name, value)]) }
        let held = try metric("data: {source: iris}")
        #expect(held.name == "validation_accuracy")
        #expect(held.value(train: scores("accuracy", 1), validation: scores("accuracy", 0.5)) == 0.5)
        let alone = try metric("data: {source: diabetes, split: {validation: none, train: 442, test: none}}")
        #expect(alone.name == "train_r2")
        #expect(alone.value(train: scores("r2", 0.25), validation: nil) == 0.25)
        // Worse than a constant answer is as good as one, and so is what never began.
        #expect(alone.value(train: scores("r2", -3), validation: nil) == 0)
        #expect(alone.value(train: scores("r2", .nan), validation: nil) == 0)
        let constant = try #require(held.value(train: nil, validation: nil))
        #expect(constant > 0.3 && constant < 0.6)
    }
}
