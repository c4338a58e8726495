import EspalierData
import Testing

@Suite struct DataOrderTests {
    @Test(arguments: [0, 1, 2, 1000]) func visitsEverySampleOnce(_ count: Int) {
        #expect(DataOrder.permutation(count: count, seed: 3, epoch: 1).sorted() == Array(0..<count))
    }

    @Test func dependsOnSeedAndEpochAlone() {
        let order = DataOrder.permutation(count: 100, seed: 3, epoch: 1)
        #expect(order == DataOrder.permutation(count: 100, seed: 3, epoch: 1))
        #expect(order != DataOrder.permutation(count: 100, seed: 3, epoch: 2))
        #expect(order != DataOrder.permutation(count: 100, seed: 4, epoch: 1))
    }

    /// A training that was stopped is resumed by another version of the program, which must visit the same samples.
    @Test func staysTheSameInEveryVersion() {
        #expect(DataOrder.permutation(count: 10, seed: 7, epoch: 0) == [2, 3, 0, 5, 4, 7, 1, 6, 8, 9])
    }

    /// Pearson's statistic of 24 orders over 24,000 draws; above 49.7 once in a thousand for 23 degrees of freedom.
    @Test func everyOrderIsEquallyLikely() {
        var counts: [[Int]: Int] = [:]
        for epoch in 0..<24_000 { counts[DataOrder.permutation(count: 4, seed: 1, epoch: epoch), default: 0] += 1 }
        #expect(counts.count == 24)
        let statistic = counts.values.reduce(0.0) { $0 + Double(($1 - 1000) * ($1 - 1000)) / 1000 }
        #expect(statistic < 49.7)
    }
}
