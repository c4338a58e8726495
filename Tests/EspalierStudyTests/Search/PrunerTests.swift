import EspalierSpec
import Testing

@testable import EspalierStudy

@Suite struct PrunerTests {
    private func losses(_ values: [Double]) -> [Int: Double] {
        Dictionary(uniqueKeysWithValues: values.enumerated().map { ($0.offset, $0.element) })
    }

    @Test func onlyTheBestThirdPassesARung() {
        let asha = ASHA(minimum: 2, reduction: 3)
        let others = losses([1, 2, 3, 4, 5])
        func prunes(_ loss: Double, _ epoch: Int, of epochs: Int = 100) -> Bool {
            asha.prunes(9, after: epoch, of: epochs, loss: loss, others: { others })
        }
        // Two of six pass: one may be better.
        #expect(!prunes(0.5, 2) && !prunes(1.5, 2) && prunes(2.5, 2) && prunes(9, 2))
        // Rungs are at 2, 6, 18 and 54 epochs; the last epoch is none.
        #expect((1...100).filter { prunes(9, $0) } == [2, 6, 18, 54])
        #expect(!prunes(9, 54, of: 54))
        #expect(prunes(.nan, 2) && prunes(.infinity, 2))
    }

    @Test func whoComesFirstPasses() {
        #expect(!ASHA().prunes(0, after: 1, of: 9, loss: 5, others: { [:] }))
        #expect(ASHA().prunes(1, after: 1, of: 9, loss: 6, others: { [0: 5] }))
        #expect(!ASHA().prunes(1, after: 1, of: 9, loss: 5, others: { [0: 5] }))
        // Its own report does not count against it.
        #expect(!ASHA().prunes(1, after: 1, of: 9, loss: 5, others: { [1: 5] }))
    }

    @Test func othersAreAskedForAtRungsAlone() {
        var asked = 0
        for epoch in 1...9 {
            _ = ASHA().prunes(
                0, after: epoch, of: 27, loss: 1,
                others: {
                    asked += 1; return [:]
                })
        }
        #expect(asked == 3)
    }

    /// The brackets of R = 81 and eta = 3, as in the first table of Li 2017.
    @Test func bracketsAreThoseOfThePaper() {
        let hyperband = Hyperband(minimum: 1, reduction: 3)
        #expect(hyperband.highest(81) == 4)
        #expect((0...4).reversed().map { hyperband.size(of: $0, 81) } == [81, 34, 15, 8, 5])
        #expect(
            (0...4).reversed().map { hyperband.rungs(of: $0, 81) } == [[1, 3, 9, 27], [3, 9, 27], [9, 27], [27], []])
        let brackets = (0..<286).map { hyperband.bracket(of: $0, 81) }
        #expect(brackets[..<143].count { $0 == 4 } == 81 && brackets[..<143].count { $0 == 0 } == 5)
        #expect(Array(brackets[143...]) == Array(brackets[..<143]))
    }

    @Test func aTrialIsHeldAgainstItsOwnBracket() {
        let hyperband = Hyperband(minimum: 1, reduction: 3)
        // Trials 81 to 114 are in bracket 3, whose first rung is at 3 epochs.
        func prunes(_ others: [Int: Double]) -> Bool {
            hyperband.prunes(81, after: 3, of: 81, loss: 5, others: { others })
        }
        #expect(!prunes([0: 1, 1: 1, 2: 1]) && prunes([82: 1, 83: 1, 84: 1]))
        #expect(!hyperband.prunes(81, after: 1, of: 81, loss: 5, others: { [82: 1] }))
    }

    @Test func oneEpochHasNoRungs() {
        let hyperband = Hyperband()
        #expect(!hyperband.prunes(3, after: 1, of: 1, loss: 5, others: { [0: 1] }))
        #expect(!Hyperband(minimum: 1_000_000, reduction: 100).prunes(3, after: 1, of: 5, loss: 5, others: { [0: 1] }))
    }
}

@Suite struct ImportanceTests {
    private let ranges: [SearchRange] = [.uniform(0, 1), .uniform(0, 1), .choice(["a", "b", "c"])]

    private func trials(_ count: Int, _ loss: ([Double]) -> Double) -> [(coordinates: [Double], loss: Double)] {
        let space = SearchSpace(ranges.enumerated().map { .init("p\($0.offset)", $0.element) })
        return (0..<count).map { number in
            let point = space.random(number, seed: 5)
            return (point, loss(point))
        }
    }

    @Test func whatDecidesMatters() {
        let number = Importance.values(trials(200) { abs($0[0] - 0.6) }, ranges)
        #expect(number[0] > 0.8, "\(number)")
        let choice = Importance.values(trials(200) { $0[2] == 1 ? $0[1] * 1e-3 : 1 }, ranges)
        #expect(choice[2] > choice[0] && choice[1] > choice[0], "\(choice)")
        #expect(abs(number.reduce(0, +) - 1) < 1e-12)
    }

    @Test func nothingIsSaidOfTooLittle() {
        #expect(Importance.values(trials(19) { $0[0] }, ranges).isEmpty)
        #expect(Importance.values(trials(50) { _ in 1 }, ranges) == [0, 0, 0])
    }
}
