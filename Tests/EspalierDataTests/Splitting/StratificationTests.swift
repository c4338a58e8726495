import EspalierGraph
import EspalierSpec
import Testing

@testable import EspalierData

@Suite struct StratificationTests {
    /// Every split is a partition, and every class is within one sample of its share of every part.
    @Test func anySplitIsAPartitionInProportion() throws {
        var random = RandomStream(seed: 11, "splits")
        for round in 0..<300 {
            let count = 20 + random.index(below: 400), classCount = 1 + random.index(below: 12)
            // The square makes some classes rare.
            let labels = (0..<count).map { _ in
                let draw = random.uniform()
                return Int32(draw * draw * Double(classCount))
            }
            var split = SplitSpecification()
            split.seed = round
            if round % 2 == 0 {
                split.train = .count(1 + random.index(below: count / 2))
                split.validation = .count(1 + random.index(below: count / 4))
                split.test = .count(1 + random.index(below: count / 4))
            }
            let data = try classes(labels, count: classCount)
            let parts = try split.rows(of: data)
            let counts = try split.partCounts(of: count)
            #expect(parts.map(\.count) == counts)
            let all = parts.flatMap { $0 }
            #expect(Set(all).count == all.count)
            #expect(Set(all).isSubset(of: 0..<count))
            for label in 0..<Int32(classCount) {
                let size = labels.count { $0 == label }
                for (part, rows) in zip(counts, parts) {
                    let ideal = Double(size) * Double(part) / Double(count)
                    let actual = rows.count { labels[$0] == label }
                    #expect(abs(Double(actual) - ideal) < 1)
                }
            }
        }
    }

    /// Here the largest remainders of the first classes fill a part that a later class needs, which must be undone.
    @Test func roundingGivesWayToLaterClasses() {
        var random = RandomStream(seed: 12, "tables")
        for _ in 0..<2000 {
            let sizes = (0..<(2 + random.index(below: 30))).map { _ in random.index(below: 6) }
            let rows = sizes.reduce(0, +)
            guard rows > 0 else { continue }
            let cuts = (0..<3).map { _ in random.index(below: rows + 1) }.sorted()
            let parts = [cuts[0], cuts[1] - cuts[0], cuts[2] - cuts[1]]
            let table = stratifiedCounts(classes: sizes, parts: parts)
            for part in parts.indices {
                #expect(table.reduce(0) { $0 + $1[part] } == parts[part])
                for (row, size) in sizes.enumerated() {
                    #expect(abs(table[row][part] * rows - size * parts[part]) < rows)
                }
            }
            #expect(zip(table, sizes).allSatisfy { $0.reduce(0, +) <= $1 })
        }
    }

    @Test func withoutStratificationClassesFallAsTheyMay() throws {
        let data = try classes((0..<200).map { $0 % 2 }, count: 2)
        var split = SplitSpecification()
        split.stratify = false
        var deviations = 0
        for seed in 0..<20 {
            split.seed = seed
            let parts = try split.rows(of: data)
            #expect(parts.flatMap { $0 }.sorted() == Array(0..<200))
            if parts[1].count(where: { $0 % 2 == 0 }) != 15 { deviations += 1 }
        }
        #expect(deviations > 5)
    }
}
