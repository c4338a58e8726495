import EspalierGraph
import EspalierSpec
import EspalierTraining
import Foundation
import Testing

@testable import EspalierStudy

private func read(_ text: String) throws -> SearchRange {
    try SearchRange(configuration: YAML.parse(text, file: "range.yaml"))
}

@Suite struct SearchRangeTests {
    private static let ranges: [SearchRange] = [
        .uniform(-2, 3), .logUniform(1e-4, 0.1), .integer(-3, 4), .integer(0, 1), .logInteger(1, 200),
        .choice(["a", "b", "c"]),
    ]

    @Test func endsAreReachedAndNothingBeyond() {
        for range in Self.ranges {
            let last = range.categories.map { Double($0) - 1 } ?? 1
            #expect(range.value(at: 0) == range.ends.first)
            #expect(range.value(at: last) == range.ends.last)
        }
        #expect(SearchRange.logUniform(1e-4, 1).value(at: 0.5).doubleValue.map { abs($0 - 0.01) < 1e-12 } == true)
        #expect(SearchRange.uniform(-2, 3).value(at: 0.25) == .number(-0.75))
    }

    @Test func wholeNumbersAreEquallyLikely() {
        for (range, count) in [(SearchRange.integer(-3, 4), 8), (.integer(0, 1), 2)] {
            var seen: [ConfigurationValue: Int] = [:]
            for step in 0..<8000 { seen[range.value(at: (Double(step) + 0.5) / 8000), default: 0] += 1 }
            #expect(seen.count == count && seen.values.allSatisfy { $0 == 8000 / count })
        }
    }

    /// The width of a bin is the probability of its number.
    @Test func binsPartTheCoordinates() throws {
        for range in [SearchRange.integer(-3, 4), .logInteger(1, 200)] {
            var place = 0.0
            while place < 1 {
                let bin = try #require(range.bin(around: place + 1e-9))
                #expect(abs(bin.lowerBound - place) < 1e-9)
                #expect(range.value(at: bin.lowerBound + 1e-9) == range.value(at: bin.upperBound - 1e-9))
                #expect(range.centered(place + 1e-9) == (bin.lowerBound + bin.upperBound) / 2)
                place = bin.upperBound
            }
            #expect(place == 1)
        }
        #expect(SearchRange.uniform(0, 1).bin(around: 0.5) == nil && SearchRange.choice([1, 2]).bin(around: 1) == nil)
    }

    @Test func isReadAndWritten() throws {
        for range in Self.ranges {
            #expect(try SearchRange(configuration: ConfigurationNode(range.configuration)) == range)
        }
        #expect(try read("{choice: [16, 32]}") == .choice([16, 32]))
        #expect(try read("{choice: [{adam: {learningRate: 0.1}}, sgd]}").ends.count == 2)
    }

    @Test(arguments: [
        ("{logUniform: [0, 1]}", "range.yaml:1:15", "above 0"),
        ("{uniform: [2, 1]}", "range.yaml:1:11", "lower end first"),
        ("{uniform: [1, 1]}", "range.yaml:1:11", "lower end first"),
        ("{integer: [1, 2.5]}", "range.yaml:1:15", "whole number"),
        ("{integer: [1, 2, 3]}", "range.yaml:1:11", "two"),
        ("{logInteger: [0, 3]}", "range.yaml:1:15", "above 0"),
        ("{choice: [3]}", "range.yaml:1:10", "two values"),
        ("{choice: [3, 4, 3]}", "range.yaml:1:17", "once"),
        ("{lognormal: [1, 2]}", "range.yaml:1:2", "one of uniform"),
        ("[1, 2]", "range.yaml:1:1", "one of"), ("{uniform: [-1e308, 1e308]}", "range.yaml:1:11", "ends"),
        ("{uniform: [0, .inf]}", "range.yaml:1:15", "finite"),
        ("{integer: [0, 9007199254740992]}", "range.yaml:1:11", "2^52"),
    ])
    func aMistakeHasItsPlace(_ text: String, _ place: String, _ expected: String) {
        let error = #expect(throws: EspalierError.self) { try read(text) }
        #expect(error?.location == place && error?.expected?.contains(expected) == true, "\(text): \(error as Any)")
    }
}

@Suite struct SearchSpaceTests {
    @Test(arguments: [
        ("{training.batchSize: {choice: [1, 2]}, training: {choice: [1, 2]}}", "1:40"),
        ("{search.seed: {choice: [1, 2]}}", "1:2"), ("{a..b: {choice: [1, 2]}}", "1:2"), ("{}", "1:1"), ("[]", "1:1"),
    ])
    func aMistakenPathHasItsPlace(_ text: String, _ place: String) {
        let error = #expect(throws: EspalierError.self) {
            try SearchSpace(configuration: YAML.parse(text, file: "space.yaml"))
        }
        #expect(error?.location == "space.yaml:\(place)")
    }

    /// A draw follows from seed, number and path alone.
    @Test func aRangeMoreLeavesOtherDrawsAsTheyWere() {
        let first = SearchParameter("a", .uniform(0, 1)), second = SearchParameter("b", .choice([1, 2, 3]))
        let both = SearchSpace([second, first]).random(5, seed: 1)
        #expect(SearchSpace([first]).random(5, seed: 1) == [both[1]])
        #expect(SearchSpace([first]).random(6, seed: 1) != [both[1]])
        #expect(SearchSpace([first]).random(5, seed: 2) != [both[1]])
        let counts = (0..<3000).reduce(into: [0, 0, 0]) {
            $0[Int(SearchSpace([second]).random($1, seed: 3)[0])] += 1
        }
        #expect(counts.allSatisfy { (900...1100).contains($0) }, "\(counts)")
    }
}
