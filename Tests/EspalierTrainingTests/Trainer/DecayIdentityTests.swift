import EspalierNN
import Testing

@testable import EspalierTraining

/// Coupled and decoupled decay through whole trainings.
struct DecayIdentityTests {
    private func weights(_ optimizer: any Optimizer, _ penalty: WeightPenalty) throws -> [Float] {
        let trainer = try Toy.trainer(Toy.plainModel(), optimizer: optimizer, penalty: penalty, epochs: 5)
        _ = try trainer.fit(Toy.blobs(90))
        return Array(try #require(trainer.state.parameters.values("0.weight")))
    }

    private func distance(_ first: [Float], _ second: [Float]) -> Float {
        zip(first, second).map { abs($0 - $1) }.max() ?? .infinity
    }

    /// Without a velocity the gradient lambda w, times lr, is the share lr lambda of w.
    @Test func underPlainDescentTheyAreTheSame() throws {
        let descent = SGD(learningRate: 0.1)
        let coupled = try weights(descent, WeightPenalty(l2: 0.05))
        #expect(try distance(coupled, weights(descent, WeightPenalty(weightDecay: 0.05))) < 1e-5)
        #expect(try distance(coupled, weights(descent, WeightPenalty())) > 0.01)
    }

    /// AdamW's own decay is the decoupled one; the coupled one is scaled by Adam's second moment.
    @Test func underAdamTheyAreNot() throws {
        let decoupled = try weights(Adam(learningRate: 0.01), WeightPenalty(weightDecay: 0.5))
        #expect(try distance(decoupled, weights(AdamW(learningRate: 0.01, weightDecay: 0.5), WeightPenalty())) < 1e-6)
        #expect(try distance(decoupled, weights(Adam(learningRate: 0.01), WeightPenalty(l2: 0.5))) > 0.01)
    }
}
