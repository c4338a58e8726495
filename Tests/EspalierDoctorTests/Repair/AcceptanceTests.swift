import Espalier
import Foundation
import Testing

@testable import EspalierDoctor

/// What counts as a gain.
struct AcceptanceTests {
    /// SciPy 1.17.1, `scipy.stats.t.sf`.
    @Test(arguments: [
        (1.0, 1, 0.25), (2.5, 1, 0.12111894159084341), (2.919985580353726, 2, 0.05),
        (-1, 2, 0.7886751345948129),
        (3.0, 3, 0.02883444281121865), (2.364624251010299, 7, 0.025), (4.0, 9, 0.0015552141551929272),
    ])
    func tailsAreThoseOfStudentsDistribution(t: Double, freedom: Int, expected: Double) {
        #expect(abs(Acceptance.upperTail(ofT: t, freedom: freedom) - expected) < 1e-9)
    }

    @Test func signFlipsCountTheSignsThatDoAsWell() {
        #expect(Acceptance.signFlipTest([0.1, 0.2, 0.3]) == 0.125)
        // All positive, and the smallest turned around: the two of eight that are no smaller.
        #expect(Acceptance.signFlipTest([-0.1, 0.2, 0.3]) == 0.25)
        #expect(Acceptance.signFlipTest([0, 0, 0]) == 1)
    }

    @Test func fewSeedsThatAgreeAreEnough() {
        let verdict = Acceptance().verdict(
            before: [0.5, 0.5, 0.48], after: [0.85, 0.86, 0.84], test: 1, isLast: false)
        guard case .accepted = verdict else {
            Issue.record("\(verdict)")
            return
        }
    }

    @Test func aTrainingThatFailsOnSomeSeedsTakesMore() {
        let before = [0.77, 0.5, 0.83, 0.83, 0.5, 0.84, 0.8, 0.5]
        let after = [0.86, 0.85, 0.86, 0.84, 0.86, 0.86, 0.85, 0.86]
        guard
            case .open = Acceptance().verdict(
                before: Array(before.prefix(3)), after: Array(after.prefix(3)), test: 1, isLast: false),
            case .accepted = Acceptance().verdict(before: before, after: after, test: 3, isLast: true)
        else {
            Issue.record("a repair that helps wherever the training fails is not accepted")
            return
        }
    }

    @Test func aSecondChoiceTakesMoreSeedsAlways() {
        let verdict = Acceptance().verdict(
            before: [0.5, 0.5, 0.48], after: [0.85, 0.86, 0.84], test: 2, isLast: false)
        guard case .open = verdict else {
            Issue.record("\(verdict)")
            return
        }
    }

    @Test func aGainOfNoMeaningIsNone() {
        let before = [0.85, 0.85, 0.85], after = before.map { $0 + 0.009 }
        guard case .rejected = Acceptance().verdict(before: before, after: after, test: 1, isLast: false) else {
            Issue.record("nine thousandths are accepted")
            return
        }
    }

    /// How trainings come out from seed to seed: good ones, ones that fail on half of the seeds, ones with a few far out, and
    /// ones that are measured on ten samples.
    enum Noise: CaseIterable {
        case normal, twoHumps, heavyTails, tenSamples

        func value(_ generator: inout RandomStream) -> Double {
            let uniform = generator.uniform(), normal = generator.normal()
            return switch self {
            case .normal: 0.8 + 0.05 * normal
            case .twoHumps: (uniform < 0.5 ? 0.5 : 0.85) + 0.005 * normal
            case .heavyTails: 0.5 + 0.01 * tan(Double.pi * (uniform - 0.5))
            case .tenSamples: (10 * uniform).rounded() / 10
            }
        }
    }

    /// A whole repair: three changes that change nothing come to the test one after the other.
    private func acceptsAnything(_ acceptance: Acceptance, _ noise: Noise, _ generator: inout RandomStream) -> Bool {
        let before = (0..<10).map { _ in noise.value(&generator) }
        return (1...acceptance.tests).contains { test in
            let after = (0..<10).map { _ in noise.value(&generator) }
            var verdict = acceptance.verdict(
                before: Array(before.prefix(3)), after: Array(after.prefix(3)), test: test, isLast: false)
            if case .open = verdict {
                verdict = acceptance.verdict(before: before, after: after, test: test, isLast: true)
            }
            if case .accepted = verdict { return true }
            return false
        }
    }

    @Test(arguments: Noise.allCases, [0, 0.01]) func noiseIsHardlyEverAccepted(noise: Noise, leastGain: Double) {
        var acceptance = Acceptance()
        acceptance.leastGain = leastGain
        var generator = RandomStream(seed: 7, "acceptance")
        let count = 4000
        let accepted = (0..<count).count { _ in acceptsAnything(acceptance, noise, &generator) }
        #expect(Double(accepted) / Double(count) <= acceptance.level)
    }
}
