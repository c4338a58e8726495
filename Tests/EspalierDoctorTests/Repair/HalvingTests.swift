import Testing

@testable import EspalierDoctor

/// How long each candidate is tried.
struct HalvingTests {
    @Test func manyAreTriedForAShortTimeAndFewForLong() {
        #expect(
            Halving.rungs(candidates: 12) == [
                .init(candidates: 12, share: 0.25), .init(candidates: 6, share: 0.5),
                .init(candidates: 3, share: 1),
            ])
        #expect(Halving.rungs(candidates: 40).map(\.candidates) == [40, 8, 3])
        #expect(Halving.rungs(candidates: 9).map(\.candidates) == [9, 5, 3])
        #expect(Halving.rungs(candidates: 5).map(\.candidates) == [5, 3])
    }

    @Test(arguments: 1...3) func fewAreTrainedWholeAtOnce(count: Int) {
        #expect(Halving.rungs(candidates: count) == [.init(candidates: count, share: 1)])
    }

    @Test func aShareIsLongEnoughToLearnSomething() {
        #expect(Halving.epochs(0.25, of: 300, stepsPerEpoch: 6) == 84)
        #expect(Halving.epochs(0.25, of: 300, stepsPerEpoch: 100) == 75)
        #expect(Halving.epochs(0.25, of: 20, stepsPerEpoch: 6) == 20)
        #expect(Halving.epochs(0.25, of: 1, stepsPerEpoch: 10_000) == 1)
    }
}
