import EspalierData
import EspalierSpec
import Testing

@Suite struct DatasetTests {
    func table() throws -> Dataset {
        try Dataset(
            name: "table", sampleShape: [2], inputs: [0, 1, 10, 11, 20, 21],
            targets: .values([5, 6, 15, 16, 25, 26], width: 2, names: ["p", "q"]), featureNames: ["a", "b"])
    }

    @Test func subsetTakesRowsInTheOrderAsked() throws {
        let subset = try table()[[2, 0]]
        #expect(subset.count == 2)
        #expect(subset.inputs == [20, 21, 0, 1])
        #expect(subset.targets == .values([25, 26, 5, 6], width: 2, names: ["p", "q"]))
        #expect(subset.featureNames == ["a", "b"])
    }

    @Test func copiesABatchOfValues() throws {
        var inputs = [Float](repeating: -1, count: 7), targets = inputs
        try table().copyBatch([1, 1, 2], inputs: &inputs, targets: &targets)
        #expect(inputs == [10, 11, 10, 11, 20, 21, -1])
        #expect(targets == [15, 16, 15, 16, 25, 26, -1])
    }

    @Test func copiesABatchOfLabelsFromAnySlice() throws {
        let data = try classes([2, 0, 1, 1], count: 3)
        var inputs = [Float](repeating: -1, count: 3), labels = [Int32](repeating: -1, count: 3)
        try data.copyBatch(Batches([3, 2, 0, 1], size: 2)[1], inputs: &inputs, targets: &labels)
        #expect(inputs == [0, 1, -1])
        #expect(labels == [2, 0, -1])
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func namesRowAndColumnOfAnInputThatIsNotFinite(_ value: Float) {
        let error = failure {
            try Dataset(
                name: "table", sampleShape: [2], inputs: [0, 1, 2, value], targets: .classes([0, 0], names: ["x"]),
                featureNames: ["a", "b"])
        }
        #expect(error?.location == "table, row 2, column \"b\"")
    }

    @Test func namesRowAndColumnOfAValueOutsideTheKnownRange() {
        let error = failure {
            try Dataset(
                name: "table", sampleShape: [2], inputs: [0, 17], targets: .classes([0], names: ["x"]),
                inputRange: 0...16)
        }
        #expect(error?.location == "table, row 1, column \"2\"")
        #expect(error?.expected == "a number from 0.0 to 16.0")
    }

    @Test(arguments: [Int32(3), -1])
    func namesTheRowOfALabelOutOfRange(_ label: Int32) {
        let error = failure { try classes([0, 1, label], count: 3) }
        #expect(error?.location == "classes, row 3")
        #expect(error?.expected == "a whole number from 0 to 2")
    }

    @Test func namesRowAndColumnOfATargetThatIsNotFinite() {
        let error = failure {
            try Dataset(
                name: "table", sampleShape: [1], inputs: [0, 1],
                targets: .values([1, 2, 3, .nan], width: 2, names: ["p", "q"]))
        }
        #expect(error?.location == "table, row 2, column \"q\"")
    }

    @Test func refusesPartsThatDoNotFitEachOther() {
        func make(
            _ shape: [Int], _ inputs: [Float], _ targets: Dataset.Targets, _ names: [String] = [],
            range: ClosedRange<Float>? = nil
        ) -> String? {
            failure {
                try Dataset(
                    name: "t", sampleShape: shape, inputs: inputs, targets: targets, featureNames: names,
                    inputRange: range)
            }?.what
        }
        let one = Dataset.Targets.classes([0], names: ["x"])
        #expect(make([2], [], .classes([], names: [])) == "no rows")
        #expect(make([0], [1], one) == "the sample shape is [0]")
        #expect(make([], [1], one) == "the sample shape is []")
        #expect(make([2], [1, 2, 3], one) == "3 numbers do not make whole samples")
        #expect(make([2], [1, 2], one, ["a"]) == "1 feature names")
        #expect(make([1], [1, 2], one) == "1 labels for 2 samples")
        #expect(make([1], [1], .values([1, 2], width: 1, names: ["v"]))?.hasPrefix("2 target values") == true)
        #expect(make([1], [1], .values([1], width: 1, names: []))?.hasPrefix("1 target values") == true)
        #expect(make([1], [1], one, range: 1...1) == "the input range is 1.0...1.0")
    }
}
