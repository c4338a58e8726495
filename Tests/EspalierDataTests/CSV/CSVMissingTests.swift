import EspalierSpec
import Testing

@testable import EspalierData

/// Values that are missing from a table: what is done about them, by which rows.
@Suite struct CSVMissingTests {
    static let ages = "age,kind,y\n1,a,1\n,b,2\n5,,3\n9,b,4.5\nNA,b,5\n5,a,6\n"

    func split(
        _ text: String, train: Int, columns: PerColumn<CSVColumnKind> = PerColumn(),
        _ missing: PerColumn<MissingPolicy>, indicator: PerColumn<Bool> = PerColumn(false)
    ) throws -> DataSplit {
        let data = try load(text, columns: columns) {
            $0.missing = missing
            $0.missingIndicator = indicator
        }
        var split = SplitSpecification()
        split.train = .count(train)
        split.validation = .count(data.count - train)
        split.shuffle = false
        return try split(data)
    }

    @Test func isAnErrorThatNamesTheWays() throws {
        let error = failure { try load(Self.ages) }
        #expect(error?.what == "the value is missing" && error?.location?.hasSuffix(":3, column \"age\"") == true)
        #expect(error?.fix?.contains("missing: median") == true && error?.fix?.contains("missing: {age: …}") == true)
        let kind = failure { try load(Self.ages) { $0.missing = ["age": .number(0)] } }
        #expect(kind?.location?.hasSuffix(":4, column \"kind\"") == true)
    }

    @Test(arguments: [
        (MissingPolicy.fitted(.mean), Float(8)), (.fitted(.median), 7), (.fitted(.mode), 5), (.number(-1), -1),
    ])
    func isFilledInFromTheTrainingRowsAlone(_ policy: MissingPolicy, _ expected: Float) throws {
        // Were the others looked at, each of the first three would be another.
        let text = "age,y\n5,1\n,2\n14,3.5\n5,4\n7,4\n9,5\n100,5\nNaN,6\n100,5\n100,5\n100,5\n"
        var parts = try split(text, train: 6, ["age": policy])
        _ = try parts.scale(.none)
        #expect(parts.train.inputs == [5, expected, 14, 5, 7, 9])
        #expect(parts.validation?.inputs == [100, expected, 100, 100, 100])
        #expect(parts.train.gaps.isEmpty)
    }

    @Test func theMedianOfAnEvenNumberIsBetweenTheTwoInTheMiddle() throws {
        var parts = try split("age,y\n4,1\n,2\n1,3.5\n3,4\n2,4\n9,5\n", train: 5, PerColumn(.fitted(.median)))
        _ = try parts.scale(.none)
        #expect(parts.train.inputs == [4, 2.5, 1, 3, 2])
    }

    @Test func categoriesAreFilledInByTheMostFrequent() throws {
        var parts = try split(Self.ages, train: 4, PerColumn(.fitted(.median)))
        let (scaler, _) = try parts.scale(.none)
        #expect(parts.train.featureNames == ["age", "kind=a", "kind=b"])
        // Of the training rows: 5 is the median of 1, 5, 9, and b is there twice.
        #expect(parts.train.inputs == [1, 1, 0, 5, 0, 1, 5, 0, 1, 9, 0, 1])
        #expect(parts.validation?.inputs == [5, 0, 1, 5, 1, 0])
        #expect(scaler.fills == [5, 0, 1])
        var row: [Float] = [.nan, .nan, .nan]
        scaler.apply(to: &row)
        #expect(row == [5, 0, 1])
    }

    @Test func scalesWhatIsFilledInLikeTheRest() throws {
        var parts = try split("age,y\n1,1\n,2\n5,3.5\n9,4\n", train: 3, PerColumn(.fitted(.mean)))
        let (scaler, _) = try parts.scale(.minMax)
        #expect(parts.train.inputs == [0, 0.5, 1] && parts.validation?.inputs == [2])
        #expect(scaler.offset == [1] && scaler.factor == [0.25])
    }

    @Test func constantsAreNumbersOrCategories() throws {
        let data = try load(Self.ages) { $0.missing = ["age": .number(0.5), "kind": .category("other")] }
        #expect(data.featureNames == ["age", "kind=a", "kind=b", "kind=other"])
        #expect(data.inputs.prefix(12) == [1, 1, 0, 0, 0.5, 0, 1, 0, 5, 0, 0, 1])
        #expect(data.gaps.isEmpty)
        func what(_ missing: PerColumn<MissingPolicy>) -> String? {
            failure { try load(Self.ages) { $0.missing = missing } }?.what
        }
        #expect(what(PerColumn(.number(0))) == "what is missing in \"kind\" cannot be a number")
        #expect(what(["age": .number(0), "kind": .fitted(.mean)]) == "what is missing in \"kind\" cannot be the mean")
        #expect(what(["age": .category("a"), "kind": .drop]) == "what is missing in \"age\" cannot be \"a\"")
    }

    @Test func rowsAreLeftOutAsAWhole() throws {
        let data = try load(Self.ages) { $0.missing = PerColumn(.drop) }
        #expect(data.inputs == [1, 1, 0, 9, 0, 1, 5, 1, 0])
        #expect(data.values == [1, 4.5, 6])
        // A category that only rows have that are left out is none.
        #expect(
            try load("a,b,y\n1,x,.5\n,z,1\n2,w,2\n") { $0.missing = ["a": .drop] }.featureNames == ["a", "b=w", "b=x"])
        #expect(
            failure { try load("a,y\n,.5\n?,1\n") { $0.missing = PerColumn(.drop) } }?.what
                == "a value is missing in each of the 2 rows")
    }

    @Test func targetsAreDroppedAndNeverFilledIn() throws {
        let text = "a,y\n1,x\n2,\n3,NA\n4,z\n"
        let error = failure { try load(text) { $0.missing = PerColumn(.fitted(.mode)) } }
        #expect(
            error?.what == "the class is missing"
                && error?.fix == "fill it in, or missing: {y: drop} leaves such rows out")
        let data = try load(text) { $0.missing = PerColumn(["y": .drop], others: .error) }
        #expect(data.inputs == [1, 4] && data.targets == .classes([0, 1], names: ["x", "z"]))
        let values = try load("a,y\n1,.5\n2,\n3,1\n", target: "y") { $0.missing = ["y": .drop] }
        #expect(values.values == [0.5, 1])
    }

    @Test func sayWhereItWas() throws {
        let all = try load(Self.ages) {
            $0.missing = PerColumn(["kind": .fitted(.mode)], others: .number(0))
            $0.missingIndicator = PerColumn(true)
        }
        #expect(all.featureNames == ["age", "age is missing", "kind=a", "kind=b", "kind is missing"])
        #expect(all.inputs.prefix(10).map { $0.isNaN ? -1 : $0 } == [1, 0, 1, 0, 0, 0, 1, 0, 1, 0])
        #expect(all.inputs[10..<15].map { $0.isNaN ? -1 : $0 } == [5, 0, -1, -1, 1])
        // Where nothing is missing there is nothing to say, unless it is asked for by name.
        let whole = "a,y\n1,.5\n2,1\n"
        #expect(try load(whole) { $0.missingIndicator = PerColumn(true) }.featureNames == ["a"])
        #expect(try load(whole) { $0.missingIndicator = ["a": true] }.inputs == [1, 0, 2, 0])
    }

    @Test func markersAreStated() throws {
        let data = try load("a,b,y\n-999,x,.5\n1,none,1\n-999.0,x,2\n") {
            $0.missing = PerColumn(["b": .category("?")], others: .number(0))
            $0.missingMarkers = ["-999", "None"]
        }
        #expect(data.inputs == [0, 0, 1, 1, 1, 0, -999, 0, 1])
        #expect(try load("b,y\nnone,.5\nx,1\n").featureNames == ["b=none", "b=x"])
        #expect(failure { try load("b,y\nx,.5\nn/a,1\n") }?.what == "the value is missing (\"n/a\")")
    }

    @Test func aColumnWithoutAnyValueIsNone() throws {
        let error = failure { try load("a,b,y\n1,,.5\n2,NA,1\n") { $0.missing = PerColumn(.fitted(.mean)) } }
        #expect(
            error?.what == "no row has a value of \"b\"" && error?.fix == "leave the column out: columns: {b: ignored}")
        var parts = try split("a,y\n,1\n,2\n1,3.5\n", train: 2, PerColumn(.fitted(.mean)))
        #expect(failure { try parts.scale(.none) }?.what == "no training row has a value of \"a\"")
    }

    @Test func numbersThatAreMissingAtFirstAreStillNumbers() throws {
        let data = try load("a,b,y\n,,.5\n?,,1\n3,x,2\n") {
            $0.missing = PerColumn(["b": .category("w")], others: .number(7))
        }
        #expect(data.featureNames == ["a", "b=w", "b=x"])
        #expect(data.inputs == [7, 1, 0, 7, 1, 0, 3, 0, 1])
    }

    @Test func predictionsAreMadeForEveryRow() throws {
        let file = try TemporaryFile("a\n1\n\n")
        var source = CSVSource(path: file.path)
        source.features = ["a"]
        source.missing = PerColumn(.drop)
        #expect(try source.loadFeatures(relativeTo: "") == [1])
        let gap = try TemporaryFile("a,b\n1,2\n,3\n")
        source.path = gap.path
        let error = failure { try source.loadFeatures(relativeTo: "") }
        #expect(error?.what == "the value is missing, and a row that is predicted for is not left out")
        source.missing = PerColumn(.fitted(.mean))
        #expect(try source.loadFeatures(relativeTo: "").map { $0.isNaN } == [false, true])
        // A line without anything is no row at the end, even where the only column may be missing.
        let column = try TemporaryFile("a\n1\n2\n3\n\n")
        source.path = column.path
        #expect(try source.loadFeatures(relativeTo: "") == [1, 2, 3])
    }

    @Test func readsPolicies() throws {
        func read(_ value: ConfigurationValue) throws -> PerColumn<MissingPolicy> {
            let settings: ConfigurationValue = ["path": "a.csv", "missing": value]
            return try CSVSource(configuration: ConfigurationNode(settings, path: "csv")).missing
        }
        #expect(try read("median") == PerColumn(.fitted(.median)))
        #expect(
            try read(["a": 0, "b": ["constant": "x"], "*": "drop"])
                == PerColumn(["a": .number(0), "b": .category("x")], others: .drop))
        #expect(failure { try read("medain") }?.fix == "did you mean \"median\"?")
        #expect(failure { try read(["a": true]) }?.expected == MissingPolicy.accepted)
        for value: ConfigurationValue in ["error", ["a": 0.5, "*": ["constant": "x"]]] {
            #expect(try read(value).configuration == value)
        }
    }

    /// Rows that are put down in a temporary file are the same samples, filled in and scaled alike.
    @Test func rowsMayLieInAFile() throws {
        func parts(inMemory: Bool?) throws -> DataSplit {
            let data = try load(Self.ages) {
                $0.missing = PerColumn(.fitted(.median))
                $0.missingIndicator = PerColumn(true)
                $0.inMemory = inMemory
            }
            #expect(data.isStored == (inMemory == false))
            var split = SplitSpecification()
            split.train = .count(4)
            split.validation = .count(2)
            var parts = try split(data)
            _ = try parts.scale(.standard)
            return parts
        }
        let stored = try parts(inMemory: false), held = try parts(inMemory: nil)
        #expect(stored.train.inputs == held.train.inputs && stored.validation?.inputs == held.validation?.inputs)
        #expect(stored.train.targets == held.train.targets)
        // Without anything to encode, and predictions, which are held in memory as a whole.
        let plain = try load("a,b,y\n1,2,.5\n3,4,1\n") { $0.inMemory = false }
        #expect(plain.isStored && plain.inputs == [1, 2, 3, 4])
        let file = try TemporaryFile("a,b\nx,2\nw,4\n")
        var source = CSVSource(path: file.path)
        source.inMemory = false
        #expect(try source.loadFeatures(relativeTo: "") == [0, 1, 2, 1, 0, 4])
    }
}
