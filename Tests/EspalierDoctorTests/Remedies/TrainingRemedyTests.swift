import Espalier
import Testing

@testable import EspalierDoctor

/// What the remedies of the training set, and where they have no place.
@Suite struct TrainingRemedyTests {
    private let experiment: Experiment

    init() throws {
        experiment = try Experiment.read("digits", overrides: ["model=[{linear: {units: auto}}]"])
    }

    private func changed(_ remedy: some Remedy) throws -> Experiment {
        try #require(try remedy.applied(to: experiment))
    }

    @Test func eachSetsWhatItSays() throws {
        #expect(try changed(ChangeLearningRate(factor: 10)).optimizer.learningRate == 0.01)
        #expect(try changed(ChangeLearningRate(rate: 0.5)).optimizer.learningRate == 0.5)
        #expect(try changed(ClipGradient(norm: 2)).gradient.clipNorm == 2)
        #expect(try changed(ChangeOptimizer(to: .momentum)).optimizer is SGD)
        #expect(try changed(ChangeBatchSize(size: 16)).training.batchSize == 16)
        #expect(try changed(AddWarmup(steps: 7)).schedule is WarmupSchedule)
        #expect(try changed(DecaySchedule()).schedule is CosineSchedule)
        #expect(try changed(TrainLonger(factor: 1.5)).training.epochs == 45)
        #expect(try changed(EarlyStop(patience: 4)).callbacks.contains { ($0 as? EarlyStopping)?.patience == 4 })
        #expect(try changed(AddWeightDecay(strength: 0.2)).regularization.weightDecay == 0.2)
        let images = try Experiment.read("digits", overrides: ["model=[flatten, {linear: {units: auto}}]"])
        #expect(try Augment(padding: 1).applied(to: images)?.augment.count == 1)
    }

    @Test func whatIsThereAlreadyIsNotSetAgain() throws {
        #expect(try ChangeLearningRate(factor: 1).applied(to: experiment) == nil)
        #expect(try ChangeOptimizer().applied(to: experiment) == nil)
        #expect(try ChangeBatchSize(size: 64).applied(to: experiment) == nil)
        #expect(try Augment().applied(to: experiment) == nil)
        for remedy in [ClipGradient(), AddWarmup(), DecaySchedule(), EarlyStop(), AddWeightDecay()] as [any Remedy] {
            let once = try #require(try remedy.applied(to: experiment))
            #expect(try remedy.applied(to: once) == nil, "\(type(of: remedy).name)")
        }
    }

    /// What a finding proposes is read back from its record, and applied.
    @Test func everyRemedyAndItsAlternativesAreReadBack() throws {
        for entry in Remedies.registry.entries {
            // One that has to be told which column has no settings to begin with.
            guard let remedy = try? Remedies.registry.read(.init(.string(entry.name))) else { continue }
            for other in [remedy] + remedy.alternatives.map({ $0 as any Remedy }) {
                let again = try Remedies.remedy(Finding.Proposal(other))
                #expect(again.configuration == other.configuration, "\(entry.name)")
            }
        }
    }
}
