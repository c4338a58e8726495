import EspalierGraph
import EspalierSpec
import Testing

@testable import EspalierNN

@Suite struct WeightPenaltyTests {
    func value(_ tensor: Tensor) -> [Double] { Reference.evaluate([tensor])[0].values }

    func slot(_ shape: Shape, role: ParameterRole = .weight) -> Parameter.Slot {
        Parameter(shape, Zeros(), role: role).projectedValue
    }

    @Test func neuronsWithinTheNormStayAsTheyAre() {
        let w = Tensor([3, 4, 0.3, 0.4, 0, 0], [3, 2])
        let limited = value(WeightPenalty(maxNorm: 2).withLimitedNorms(w, of: slot([3, 2])))
        #expect(
            zip(limited, [1.2, 1.6, Double(Float(0.3)), Double(Float(0.4)), 0, 0]).allSatisfy { abs($0 - $1) < 1e-15 })
        // To the last bit.
        #expect(Array(limited[2...]) == [Double(Float(0.3)), Double(Float(0.4)), 0, 0])
        let unit = value(WeightPenalty(unitNorm: true).withLimitedNorms(w, of: slot([3, 2])))
        #expect(zip(unit, [0.6, 0.8, 0.6, 0.8, 0, 0]).allSatisfy { abs($0 - $1) < 1e-7 })
        // A bias is no vector of weights, also where penalties fall on all.
        let bias = Tensor([3, 4] as [Float], [2])
        #expect(
            value(WeightPenalty(maxNorm: 1, on: .all).withLimitedNorms(bias, of: slot([2], role: .bias))) == [3, 4])
    }

    @Test func theProximalStepIsThatOfItsMinimum() {
        let penalty = WeightPenalty(l1: L1Penalty(0.5, proximal: true))
        let w = Tensor([-1, -0.04, 0, 0.05, 0.3], [5])
        // argmin_v (v - w)^2 / 2 + lr lambda |v| with lr lambda = 0.05.
        let expected = [-0.95, 0, 0, 0, 0.25]
        let found = value(penalty.projected(w, learningRate: 0.1))
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-7 })
        #expect(found[1] == 0)
        // Nothing is left for the gradient to do.
        let g = Tensor([1, 1, 1, 1, 1] as [Float], [5])
        #expect(penalty.gradient(g, of: w) == g)
        #expect(value(WeightPenalty(nonNegative: true).projected(w, learningRate: 0.1))[0] == 0)
    }

    /// Under Adam's first step every weight moves by lr, whatever l2 adds to its gradient: only decay shrinks it more.
    @Test func coupledAndDecoupledDifferOnAdam() {
        let w = Tensor([1, 4] as [Float], [2]), g = Tensor([1, 1] as [Float], [2]), lr = Tensor(0.1)
        let zeros = Tensor.zeros([2])
        func step(_ penalty: WeightPenalty) -> [Double] {
            value(
                Adam().update(
                    penalty.decayed(w, learningRate: lr), gradient: penalty.gradient(g, of: w), slots: [zeros, zeros],
                    learningRate: lr, step: 1
                ).parameter)
        }
        #expect(zip(step(WeightPenalty(l2: 0.5)), [0.9, 3.9]).allSatisfy { abs($0 - $1) < 1e-8 })
        #expect(zip(step(WeightPenalty(weightDecay: 0.5)), [0.85, 3.7]).allSatisfy { abs($0 - $1) < 1e-8 })
        // Under plain descent they are the same.
        func descend(_ penalty: WeightPenalty) -> [Double] {
            value(penalty.decayed(w, learningRate: lr) - lr * penalty.gradient(g, of: w))
        }
        #expect(
            zip(descend(WeightPenalty(l2: 0.5)), descend(WeightPenalty(weightDecay: 0.5))).allSatisfy {
                abs($0 - $1) < 1e-15
            })
    }

    @Test func whatItFallsOn() {
        let settings: [WeightPenalty] = [
            WeightPenalty(l1: 0.1), WeightPenalty(l2: 0.1), WeightPenalty(weightDecay: 0.1), WeightPenalty(maxNorm: 1),
            WeightPenalty(unitNorm: true), WeightPenalty(nonNegative: true),
        ]
        for var penalty in settings {
            #expect(penalty.applies(to: slot([2, 2])))
            #expect(
                !penalty.applies(to: slot([2], role: .bias)) && !penalty.applies(to: slot([2], role: .normalization)))
            penalty.on = .all
            #expect(penalty.applies(to: slot([2], role: .bias)))
        }
        #expect(!WeightPenalty(on: .all).applies(to: slot([2, 2])))
    }

    @Test func configurations() throws {
        func read(_ value: ConfigurationValue) throws -> WeightPenalty {
            try WeightPenalty(configuration: ConfigurationNode(value))
        }
        #expect(try read(["l1": 0.5]).l1 == 0.5)
        #expect(try read(["l1": ["strength": 0.5, "proximal": true]]).l1 == L1Penalty(0.5, proximal: true))
        #expect(try read(["l1": ["strength": 0.5]]).l1 == 0.5)
        let whole = WeightPenalty(l1: L1Penalty(0.1, proximal: true), l2: 0.2, weightDecay: 0.3, maxNorm: 4, on: .all)
        #expect(try read(whole.configuration) == whole)
        let wrong: [ConfigurationValue] = [
            ["l1": -1], ["l1": "much"], ["l1": ["strength": -1]], ["l1": ["proximal": true]], ["l1": ["strong": 1]],
            ["weightDecay": -0.1], ["maxNorm": 0], ["maxNorm": 1, "unitNorm": true], ["unitNorm": 1],
        ]
        for value in wrong { #expect(throws: EspalierError.self, "\(value)") { try read(value) } }
    }
}
