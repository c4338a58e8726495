import EspalierSpec
import Testing

@testable import EspalierData

@Suite struct CSVSourceTests {
    @Test func readsATableWithAHeader() throws {
        let data = try load("a,b,kind\n1,2.5,cat\n-3e1,.5,ant\n4,5,cat\n")
        #expect(data.name == "data")
        #expect(data.sampleShape == [2])
        #expect(data.inputs == [1, 2.5, -30, 0.5, 4, 5])
        #expect(data.featureNames == ["a", "b"])
        #expect(data.targets == .classes([1, 0, 1], names: ["ant", "cat"]))
        #expect(data.inputRange == nil)
    }

    @Test(arguments: [
        "a,y\r\n1,0.5\r\n2,1.5\r\n", "a,y\n1,0.5\n2,1.5", "a,y\r1,0.5\r2,1.5\r", "\u{FEFF}a,y\n1,0.5\n2,1.5\n",
        "a,y\n1,0.5\n2,1.5\n\n\r\n\n", "\"a\",\"y\"\n\"1\",0.5\r\n2,\"1.5\"", " a ,\ty\n 1,0.5 \n2 , 1.5\n",
    ])
    func readsEveryFormOfTheSameTable(_ text: String) throws {
        let data = try load(text)
        #expect(data.inputs == [1, 2])
        #expect(data.featureNames == ["a"])
        #expect(data.targets == .values([0.5, 1.5], width: 1, names: ["y"]))
    }

    @Test func severalTargetsLieSideBySide() throws {
        let data = try load("u,a,v\n1,2,3\n4,5,6\n", target: ["v", "u"])
        #expect(data.inputs == [2, 5] && data.featureNames == ["a"])
        #expect(data.targets == .values([3, 1, 6, 4], width: 2, names: ["v", "u"]))
        #expect(failure { try load("a,b,c\n1,2,3\n", target: ["b", "b"]) }?.what == "the target \"b\" is listed twice")
        let classes = failure { try load("a,b,c\n1,2,3\n", target: ["b", "c"], task: .classification) }
        #expect(classes?.what == "2 target columns name no class")
    }

    @Test func quotesHoldCommasLineEndsAndQuotes() throws {
        let data = try load("\"a, \"\"b\"\"\",\"y\r\nz\"\n1,\"x,\ny\"\n2,\" \"\"q\"\" \"\n")
        #expect(data.featureNames == ["a, \"b\""])
        #expect(data.targets == .classes([1, 0], names: [" \"q\" ", "x,\ny"]))
    }

    @Test func choosesFeaturesAndTargetByName() throws {
        let data = try load("id,a,y,b\nfoo,1,0.5,2\nbar,3,1.5,4\n", target: "y", features: ["b", "a"])
        #expect(data.inputs == [2, 1, 4, 3])
        #expect(data.featureNames == ["b", "a"])
        #expect(data.targets == .values([0.5, 1.5], width: 1, names: ["y"]))
    }

    @Test func detectsAHeaderByItsLackOfNumbers() throws {
        #expect(try load("1,2,x\n3,4,x\n").featureNames == ["column1", "column2"])
        #expect(try load("1,2,x\n3,4,x\n").count == 2)
        #expect(try load("1990,1991,y\n3,4,5.5\n", header: true).featureNames == ["1990", "1991"])
        #expect(try load("a,,y\n1,2,3.5\n").featureNames == ["a", "column2"])
        #expect(try load("1,2,x\n3,4,x\n", target: "column1", features: ["column2"]).inputs == [2, 4])
    }

    @Test func infersTheTask() throws {
        func isClassification(_ targets: [String], task: CSVSource.Task? = nil) throws -> Bool {
            let rows = targets.map { "1,\($0)\n" }.joined()
            guard case .classes = try load("a,y\n" + rows, task: task).targets else { return false }
            return true
        }
        #expect(try isClassification(["x", "y"]))
        #expect(try isClassification(["0", "1", "1", "0"]))
        #expect(try isClassification(["2.0", "1", "1", "2"]))
        #expect(try !isClassification(["0", "1", "2", "1"]), "fewer than two rows per value")
        #expect(try !isClassification(["0.5", "1", "1", "0.5"]), "not whole")
        #expect(try !isClassification((0..<100).map { String($0 % 21) }), "more than 20 values")
        #expect(try isClassification((0..<100).map { String($0 % 20) }))
        #expect(try !isClassification(["0", "1", "1", "0"], task: .regression))
        #expect(try isClassification(["0.5", "1", "7", "8"], task: .classification))
    }

    @Test func sortsClassesByValueOrText() throws {
        #expect(try load("1,10\n1,9\n1,10\n1,9\n").targets == .classes([1, 0, 1, 0], names: ["9", "10"]))
        #expect(
            try load("1,10\n1,9\n1,-1\n", task: .classification).targets
                == .classes([2, 1, 0], names: ["-1", "9", "10"]))
        #expect(try load("1,b\n1,B\n1,10\n1,9\n").targets == .classes([3, 2, 0, 1], names: ["10", "9", "B", "b"]))
    }

    @Test(arguments: [1, 4, 5, 7, 16, 64, 1 << 18])
    func bufferSizeNeverChangesTheResult(_ bufferSize: Int) throws {
        let text = "\u{FEFF}a,\"b\r\n\"\"c\"\"\",y\r\n1.5,-2e3,\"x\r\ny\"\r\n3,44444444444444444444,\"z\"\"\"\r\n\r\n"
        let data = try CSVTable(CSVSource(), from: MemoryInput(Array(text.utf8)), bufferSize: bufferSize).dataset()
        #expect(data.featureNames == ["a", "b\r\n\"c\""])
        #expect(data.inputs == [1.5, -2000, 3, 4.4444446e19])
        #expect(data.targets == .classes([0, 1], names: ["x\r\ny", "z\""]))
    }

    @Test func readsManyRows() throws {
        let rows = (0..<50_000).map { "\($0),\(Float($0) / 8),\($0 % 3)\n" }.joined()
        let data = try load("a,b,y\n" + rows)
        #expect(data.count == 50_000)
        #expect(data.inputs.suffix(2) == [49_999, 49_999 / 8.0])
        #expect(data.targets == .classes((0..<50_000).map { Int32($0 % 3) }, names: ["0", "1", "2"]))
    }
}
