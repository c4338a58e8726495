import EspalierSpec
import Foundation
import Testing

@testable import EspalierData

@Suite struct SplitSpecificationTests {
    func read(_ value: ConfigurationValue) throws -> SplitSpecification {
        try SplitSpecification(configuration: ConfigurationNode(value, path: "split"))
    }

    func sizes(_ value: ConfigurationValue) throws -> [SplitSize] {
        let split = try read(value)
        return [split.train, split.validation, split.test]
    }

    @Test func hasTheDocumentedDefaults() throws {
        let expected: ConfigurationValue = [
            "train": 0.7, "validation": 0.15, "test": 0.15, "seed": 1, "stratify": true, "shuffle": true,
            "fold": .null,
        ]
        #expect(SplitSpecification().configuration == expected)
        #expect(try read([:]) == SplitSpecification())
    }

    @Test func partsThatAreNotGivenShareWhatIsLeft() throws {
        func near(_ value: ConfigurationValue, _ expected: [Double]) throws -> Bool {
            try zip(sizes(value), expected).allSatisfy { size, expected in
                switch size {
                case .share(let share): abs(share - expected) < 1e-12
                case .none: expected == 0
                case .count: false
                }
            }
        }
        #expect(try near(["train": 0.8], [0.8, 0.1, 0.1]))
        #expect(try near(["train": 0.8, "validation": 0.2], [0.8, 0.2, 0]))
        #expect(try near(["test": "none"], [14.0 / 17, 3.0 / 17, 0]))
        #expect(try near(["validation": 0.3, "test": 0.3], [0.4, 0.3, 0.3]))
        #expect(try near(["train": 0.7, "validation": 0.2, "test": 0.1], [0.7, 0.2, 0.1]))
        #expect(try near(["train": 1.0], [1, 0, 0]))
        #expect(try sizes(["train": 100, "validation": 20]) == [.count(100), .count(20), .none])
    }

    @Test func survivesWritingAndReading() throws {
        for value: ConfigurationValue in [
            [:], ["train": 0.8], ["train": 10, "test": 5, "seed": 9], ["test": "none", "shuffle": false],
        ] {
            let split = try read(value)
            #expect(try read(split.configuration) == split)
            #expect(try JSONDecoder().decode(SplitSpecification.self, from: JSONEncoder().encode(split)) == split)
        }
    }

    @Test func sharesAreRoundedByLargestRemainder() throws {
        #expect(try SplitSpecification().partCounts(of: 1797) == [1258, 270, 269])
        #expect(try SplitSpecification().partCounts(of: 20) == [14, 3, 3])
        #expect(try read(["train": 0.5, "validation": 0.1, "test": 0.1]).partCounts(of: 10) == [5, 1, 1])
        #expect(try read(["train": 0.1, "validation": 0.2, "test": 0.7]).partCounts(of: 10) == [1, 2, 7])
    }

    @Test func refusesSizesThatMakeNoSense() throws {
        func what(_ value: ConfigurationValue) -> String? { failure { try read(value) }?.what }
        #expect(
            what(["train": 0.7, "validation": 0.4, "test": 0.2])?.hasPrefix("the shares of the split add up to 1.3")
                == true)
        #expect(what(["train": 0.8, "validation": 100]) == "the split mixes shares and numbers of rows")
        #expect(what(["train": "none"]) == "the split leaves no rows to train on")
        #expect(what(["validation": 0.5, "test": 0.5]) == "the split leaves no rows to train on")
        #expect(what(["validation": 100]) == "the split leaves no rows to train on")
        #expect(what(["train": 0]) == "the split leaves no rows to train on")
        #expect(what(["train": 1.5]) == "split.train is the number 1.5")
        #expect(what(["train": -5]) == "split.train is the number -5")
        #expect(what(["train": .number(.nan)]) == "split.train is the number nan")
        #expect(what(["test": "some"]) == "split.test is the text \"some\"")
        #expect(what(["tran": 0.5]) == "unknown key \"tran\"")
        #expect(failure { try read(["train": 0.8, "validation": 100]) }?.location == "split")
        var made = SplitSpecification()
        made.train = .count(-3)
        #expect(throws: EspalierError.self) { try made.validate() }
    }

    @Test func refusesDataThatIsTooSmall() throws {
        let data = try classes([0, 1, 0], count: 2)
        let empty = failure { try SplitSpecification()(data) }
        #expect(empty?.what == "test is empty: its share 0.15 of 3 rows is less than one row")
        #expect(empty?.location == "classes")
        #expect(empty?.fix == "test: none, or more rows")
        #expect(
            failure { try read(["train": 3, "test": 1])(data) }?.what
                == "the split asks for more rows than there are (3)")
        #expect(failure { try read(["train": .integer(.max), "test": .integer(.max)])(data) } != nil)
    }

    @Test func fileOrderTakesTrainFirst() throws {
        let data = try classes([0, 1, 0, 1, 0, 1], count: 2)
        let split = try read(["train": 3, "validation": 2, "test": 1, "shuffle": false])(data)
        #expect(split.train.inputs == [0, 1, 2])
        #expect(split.validation?.inputs == [3, 4])
        #expect(split.test?.inputs == [5])
        #expect(try read(["train": 3, "shuffle": false])(data).validation == nil)
    }

    @Test func dependsOnTheSeed() throws {
        let data = try classes((0..<100).map { $0 % 2 }, count: 2)
        #expect(try SplitSpecification().rows(of: data) == SplitSpecification().rows(of: data))
        #expect(try SplitSpecification().rows(of: data) != read(["seed": 2]).rows(of: data))
    }

    @Test func regressionIsSplitWithoutClasses() throws {
        let data = try Dataset(
            name: "r", sampleShape: [1], inputs: (0..<20).map { Float($0) },
            targets: .values((0..<20).map { Float($0) }, width: 1, names: ["y"]))
        let split = try SplitSpecification()(data)
        #expect([split.train.count, split.validation?.count, split.test?.count] == [14, 3, 3])
        #expect(split.train.targets == .values(split.train.inputs, width: 1, names: ["y"]))
    }

    @Test func whatATestOfItsOwnLeavesGoesToTheOthers() throws {
        var split = SplitSpecification()
        #expect(try split.without(test: true).partCounts(of: 60_000) == [49_412, 10_588, 0])
        #expect(split.without(test: true).without(test: true) == split.without(test: true))
        split.train = .share(0.9)
        split.validation = .share(0.1)
        #expect(try split.without(test: true).partCounts(of: 100) == [90, 10, 0])
        split.train = .count(50)
        split.validation = .count(7)
        split.test = .count(20)
        #expect(try split.without(test: true).partCounts(of: 100) == [50, 7, 0])
    }

    @Test func whatIsGivenApartLeavesItsShareToTheOthers() throws {
        let split = try read(["train": 0.5, "validation": 0.2, "test": 0.1])
        #expect(try split.without(test: true).partCounts(of: 700) == [400, 160, 0])
        #expect(try split.without(test: false, validation: true).partCounts(of: 600) == [400, 0, 80])
        #expect(try split.without(test: true, validation: true).partCounts(of: 100) == [80, 0, 0])
    }
}
