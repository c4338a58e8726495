import EspalierSpec
import Foundation
import Testing

@testable import EspalierData

@Suite struct FoldTests {
    func split(_ number: Int, of count: Int, _ more: [(String, ConfigurationValue)] = []) throws -> SplitSpecification {
        let fold: ConfigurationValue = ["number": .integer(number), "of": .integer(count)]
        let entries = [("fold", fold)] + more
        return try SplitSpecification(
            configuration: ConfigurationNode(.map(entries.map { .init($0.0, $0.1) }), path: "split"))
    }

    @Test func everyRowIsValidationOnceAndTestStaysApart() throws {
        let data = try classes((0..<103).map { $0 % 3 }, count: 3)
        let test = try SplitSpecification().rows(of: data)[2]
        var seen: [Int] = [], sizes: [Int] = []
        for number in 1...5 {
            let parts = try split(number, of: 5).rows(of: data)
            #expect(parts[2] == test)
            #expect(Set(parts[0]).isDisjoint(with: parts[1]))
            #expect(parts.joined().sorted() == Array(0..<103))
            #expect(parts.allSatisfy { $0 == $0.sorted() })
            seen += parts[1]
            sizes.append(parts[1].count)
        }
        #expect(seen.sorted() == Set(0..<103).subtracting(test).sorted())
        #expect(try #require(sizes.max()) - #require(sizes.min()) <= 1)
    }

    @Test func classesAreDealtOutEvenly() throws {
        // Class 1 is rare: 10 of 100.
        let labels: [Int32] = (0..<100).map { $0 % 10 == 0 ? 1 : 0 }
        let data = try classes(labels, count: 2)
        for number in 1...5 {
            let rows = try split(number, of: 5, [("test", "none")]).rows(of: data)[1]
            #expect(rows.filter { labels[$0] == 1 }.count == 2)
        }
    }

    @Test func rowsInTheirOrderAreCutIntoBlocks() throws {
        let data = try classes((0..<12).map { $0 % 2 }, count: 2)
        let more: [(String, ConfigurationValue)] = [("shuffle", false), ("test", 2), ("train", 10)]
        let blocks = try (1...3).map { try split($0, of: 3, more).rows(of: data)[1] }
        #expect(blocks == [[0, 1, 2], [3, 4, 5], [6, 7, 8, 9]])
        #expect(try split(3, of: 3, more).rows(of: data)[2] == [10, 11])
    }

    @Test func refusesFoldsThatDoNotExist() throws {
        let data = try classes([0, 1, 0, 1], count: 2)
        let beyond = failure { try split(6, of: 5) }
        #expect(beyond?.what == "fold 6 of 5")
        #expect(beyond?.location == "split.fold")
        let few = failure { try split(1, of: 9, [("test", "none")]).rows(of: data) }
        #expect(few?.what == "4 rows for train and validation do not make 9 folds")
        #expect(few?.expected == "at most 4 folds")
        #expect(failure { try split(1, of: 1) } != nil)
        // As many as there are rows: each is left out once.
        let all = try (1...4).map { try split($0, of: 4, [("test", "none")]).rows(of: data)[1] }
        #expect(all.allSatisfy { $0.count == 1 } && Set(all.joined()).count == 4)
        #expect(failure { try split(0, of: 3) } != nil)
    }
}
