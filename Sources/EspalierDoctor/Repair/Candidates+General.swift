import EspalierEngine
import EspalierSpec
import EspalierTraining
import Foundation

extension Candidates {
    /// What helps trainings that nobody can tell what is wrong with: the learning rate that a range test finds, then every
    /// remedy that there is, in each strength.
    mutating func addGeneral(for prepared: PreparedExperiment) throws {
        if registry.names.contains(ChangeLearningRate.name), let factor = try Self.rateFactor(for: prepared) {
            let remedy = ChangeLearningRate(factor: factor)
            add(remedy, why: "at this rate the loss falls fastest from the first weights, as a range test shows")
        }
        let remedies = registry.names.compactMap { try? registry.read(ConfigurationNode(.string($0))) }
        for remedy in remedies { add(remedy, why: remedy.why) }
        for remedy in remedies { addAlternatives(of: remedy) }
    }

    /// Times what the learning rate would be that a range test suggests, to a power of the root of ten; nothing where it is
    /// about the present one, or there is none.
    private static func rateFactor(for prepared: PreparedExperiment) throws -> Double? {
        let trainer = try prepared.makeTrainer(engine: Engine(threads: 1))
        guard let suggestion = try? LearningRateRangeTest().run(trainer, on: prepared.data.train).suggestion,
            prepared.experiment.optimizer.learningRate > 0
        else { return nil }
        let steps = (2 * log10(suggestion / prepared.experiment.optimizer.learningRate)).rounded()
        return steps == 0 ? nil : pow(10, steps / 2)
    }
}
