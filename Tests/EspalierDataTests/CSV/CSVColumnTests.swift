import EspalierSpec
import Testing

@testable import EspalierData

/// Columns of categories, ignored ones, and what is written down of them.
@Suite struct CSVColumnTests {
    static let colors = "color,size,y\nred,1,0.5\nblue,2,1.5\nred,3,2.5\n\"light, grey\",4,3.5\n"

    @Test func categoriesBecomeNumbersOfTheirOwn() throws {
        let data = try load(Self.colors)
        #expect(data.featureNames == ["color=blue", "color=light, grey", "color=red", "size"])
        #expect(data.inputs == [0, 0, 1, 1, 1, 0, 0, 2, 0, 0, 1, 3, 0, 1, 0, 4])
        #expect(data.gaps.isEmpty)
    }

    @Test func categoriesAreSortedByValueOrText() throws {
        let data = try load("a,y\n10,0.5\n9,1\n-1,2\n", columns: ["a": .oneHot(nil)])
        #expect(data.featureNames == ["a=-1", "a=9", "a=10"])
        #expect(data.inputs == [0, 0, 1, 0, 1, 0, 1, 0, 0])
        #expect(try load("a,y\nb,1\nB,2\né,3\nA,4.5\n").featureNames == ["a=A", "a=B", "a=b", "a=é"])
    }

    @Test func ordinalCategoriesAreTheirPlaces() throws {
        let data = try load("a,b,y\nhigh,1,.5\nlow,2,1\nhigh,3,2\n", columns: ["a": .ordinal(["low", "mid", "high"])])
        #expect(data.featureNames == ["a", "b"])
        #expect(data.inputs == [2, 1, 0, 2, 2, 3])
        let error = failure { try load("a,y\nlow,1\nmedium,2\n", columns: ["a": .ordinal(["low", "high"])]) }
        #expect(error?.what == "unknown category \"medium\"" && error?.location?.hasSuffix(":3, column \"a\"") == true)
        #expect(error?.expected == "one of low, high")
    }

    @Test func ignoredColumnsMayHoldAnything() throws {
        let data = try load("id,a,b,y\nx1,1,?,.5\n,2,z,1\n", columns: PerColumn(["id": .ignored, "b": .ignored]))
        #expect(data.featureNames == ["a"] && data.inputs == [1, 2])
        #expect(
            try load("id,a,b,y\nx1,1,?,.5\n,2,z,1\n", columns: PerColumn(["a": .numeric], others: .ignored)) == data)
    }

    @Test func aColumnIsOneOfNumbersOrOfTexts() throws {
        // The first value decides, and the mistake is named wherever it is.
        let typo = failure { try load("a,y\n1,1\n2,2\n3O,3.5\n") }
        #expect(typo?.what == "\"3O\" is not a number" && typo?.location?.hasSuffix(":4, column \"a\"") == true)
        #expect(typo?.fix?.hasPrefix("columns: {a: oneHot} if it names a category") == true)
        let first = failure { try load("a,y\nO1,1\nO2,1\n2,2\n") }
        #expect(first?.what == "\"O1\" is not a number" && first?.location?.hasSuffix(":2, column \"a\"") == true)
        #expect(first?.expected == "a number, as 2 in line 4, or texts alone")
        #expect(
            try load("a,y\nO1,1\n2,2\n1,3.5\n", columns: ["a": .oneHot(nil)]).featureNames == ["a=1", "a=2", "a=O1"])
        #expect(failure { try load("a,y\nx,1\n2,2\n", columns: ["a": .numeric]) }?.what == "\"x\" is not a number")
    }

    @Test func tooManyCategoriesAreAnError() throws {
        let rows = (0...100).map { "v\($0),\($0).5\n" }
        let error = failure { try load("a,y\n" + rows.joined()) }
        #expect(error?.what == "\"v100\" is different value number 101")
        #expect(error?.location?.hasSuffix(":102, column \"a\"") == true)
        #expect(error?.expected == "at most 100 categories (categoryLimit)")
        #expect(try load("a,y\n" + rows.dropLast().joined()).sampleShape == [100])
        #expect(try load("a,y\n" + rows.joined()) { $0.categoryLimit = 101 }.sampleShape == [101])
        let listed = PerColumn(["a": CSVColumnKind.oneHot((0...100).map { "v\($0)" })])
        #expect(try load("a,y\n" + rows.joined(), columns: listed).sampleShape == [101])
    }

    @Test func unknownCategoriesAreAnErrorOrNone() throws {
        let columns = PerColumn(["a": CSVColumnKind.oneHot(["red", "blue"])])
        let error = failure { try load("a,y\nred,1\nreed,2\n", columns: columns) }
        #expect(error?.what == "unknown category \"reed\"" && error?.fix == "did you mean \"red\"?")
        let far = failure { try load("a,y\nred,1\nmauve,2\n", columns: columns) }
        #expect(far?.location?.hasSuffix(":3, column \"a\"") == true)
        #expect(far?.fix == "unknown: zeros takes it for none of them")
        let data = try load("a,y\nred,1\nmauve,2\nblue,3\n", columns: columns) { $0.unknown = .zeros }
        #expect(data.featureNames == ["a=red", "a=blue"] && data.inputs == [1, 0, 0, 0, 0, 1])
    }

    @Test func whatWasDecidedIsWrittenDown() throws {
        let file = try TemporaryFile("id,color,n,size,age,y\n1,red,1,S,,.5\n2,blue,2,L,3,1\n")
        var source = CSVSource(path: file.path)
        source.columns = PerColumn(["id": .ignored, "size": .ordinal(["S", "L"])])
        source.missing = PerColumn(.fitted(.mean))
        source.missingIndicator = PerColumn(true)
        let data = try source.load(relativeTo: "")
        #expect(data.featureNames == ["color=blue", "color=red", "n", "size", "age", "age is missing"])
        let decided = try source.decided(by: data, relativeTo: "")
        #expect(decided.features == ["color", "n", "size", "age"])
        #expect(
            decided.columns
                == PerColumn(["color": .oneHot(["blue", "red"]), "size": .ordinal(["S", "L"])], others: .numeric))
        #expect(decided.missingIndicator == PerColumn(["age": true], others: false))
        #expect(decided.task == .regression && decided.header == true && decided.target == ["y"])
        // Another file without some of the values, its columns in another order, gives the same features.
        let other = try TemporaryFile("age,y,size,color,n,id\n4,2,L,red,7,x\n")
        var again = try CSVSource(configuration: ConfigurationNode(decided.configuration))
        again.path = other.path
        let second = try again.load(relativeTo: "")
        #expect(second.featureNames == data.featureNames)
        #expect(second.inputs == [0, 1, 7, 1, 4, 0])
        #expect(try again.decided(by: second, relativeTo: "").configuration == again.configuration)
        // Numbers alone need no list.
        let plain = try TemporaryFile("a,b,y\n1,2,.5\n")
        let numbers = CSVSource(path: plain.path)
        let written = try numbers.decided(by: numbers.load(relativeTo: ""), relativeTo: "")
        #expect(written.features == nil && written.columns == PerColumn(.numeric))
    }

    @Test func namesThatCouldBeMistakenAreRefused() throws {
        #expect(
            failure { try load("a,a=b,y\nc,1,.5\n") }?.what
                == "the column \"a=b\" could be a category of the column \"a\"")
        #expect(
            failure { try load("a,b,y\n1,2,.5\n", columns: ["c": .numeric]) }?.what == "unknown column \"c\"")
        #expect(
            failure { try load("a,b,y\n1,2,.5\n", columns: ["y": .numeric]) }?.what
                == "the target \"y\" is among columns")
        #expect(failure { try load("a,y\n1,.5\n", columns: PerColumn(.ignored)) }?.what == "every column is ignored")
    }

    @Test func readsSettingsOfColumns() throws {
        func read(_ value: ConfigurationValue) throws -> PerColumn<CSVColumnKind> {
            let settings: ConfigurationValue = ["path": "a.csv", "columns": value]
            return try CSVSource(configuration: ConfigurationNode(settings, path: "csv")).columns
        }
        #expect(try read(.null) == PerColumn())
        #expect(try read("numeric") == PerColumn(.numeric))
        #expect(try read(["a": "oneHot", "*": "ignored"]) == PerColumn(["a": .oneHot(nil)], others: .ignored))
        #expect(try read(["a": ["ordinal": [1, "b"]]]) == ["a": .ordinal(["1", "b"])])
        #expect(failure { try read(["a": "onehot"]) }?.fix == "did you mean \"oneHot\"?")
        #expect(failure { try read(["a": "ordinal"]) }?.fix == "{ordinal: [low, middle, high]}")
        #expect(failure { try read(["a": ["oneHot": ["x", "x"]]]) }?.what == "the category \"x\" is listed twice")
        #expect(failure { try read(["a": ["oneHot": [true]]]) }?.location == "csv.columns.a.oneHot.0")
        for value: ConfigurationValue in ["numeric", ["a": "oneHot", "*": ["ordinal": ["x", "2"]]], .null] {
            #expect(try read(value).configuration == value)
        }
    }
}
