import EspalierGraph
import EspalierSpec
import Foundation
import Synchronization
import Testing

@testable import EspalierData

/// Samples in memory that are read like those of a file, and fail where they are told to.
final class FakeStore: SampleStore {
    let values: [Float], size: Int, failing: Int?
    private let reads = Mutex(0)

    init(_ values: [Float], size: Int, failing: Int? = nil) {
        (self.values, self.size, self.failing) = (values, size, failing)
    }

    var count: Int { values.count / size }
    var readCount: Int { reads.withLock { $0 } }

    func read(_ row: Int, into sample: UnsafeMutableBufferPointer<Float>) throws {
        reads.withLock { $0 += 1 }
        if row == failing { throw EspalierError("cannot be read", at: place(of: row)) }
        _ = sample.update(fromContentsOf: values[row * size..<(row + 1) * size])
    }

    func place(of row: Int) -> String? { "file\(row).png" }
}

/// A dataset whose samples are in a store is, in all that it does, that with the same samples in memory.
@Suite struct StoredDatasetTests {
    static func pair(rows: Int = 60, shape: [Int] = [5]) throws -> (memory: Dataset, stored: Dataset) {
        var random = RandomStream(seed: 3, "stored")
        let size = shape.reduce(1, *)
        let inputs = (0..<rows * size).map { Float(random.normal()) * Float($0 % size + 1) + 7 }
        let targets = Dataset.Targets.values((0..<rows * 2).map { Float($0) }, width: 2, names: ["a", "b"])
        return (
            try Dataset(name: "data", sampleShape: shape, inputs: inputs, targets: targets),
            try Dataset(name: "data", sampleShape: shape, samples: FakeStore(inputs, size: size), targets: targets)
        )
    }

    static func expectSame(_ memory: Dataset, _ stored: Dataset, _ place: Testing.SourceLocation = #_sourceLocation) throws {
        #expect(!memory.isStored && stored.isStored, sourceLocation: place)
        #expect(memory.count == stored.count && memory.targets == stored.targets, sourceLocation: place)
        #expect(try memory.inputValues() == stored.inputValues(), sourceLocation: place)
        let rows = [memory.count - 1, 0, memory.count / 2, 0]
        var inputs = [[Float]](repeating: [Float](repeating: 0, count: 4 * memory.sampleSize), count: 2)
        var targets = [[Float]](repeating: [Float](repeating: 0, count: 8), count: 2)
        for (index, data) in [memory, stored].enumerated() {
            try data.copyBatch(rows, inputs: &inputs[index], targets: &targets[index])
        }
        #expect(inputs[0] == inputs[1] && targets[0] == targets[1], sourceLocation: place)
    }

    @Test func partsOfParts() throws {
        let (memory, stored) = try Self.pair()
        try Self.expectSame(memory, stored)
        let rows = [50, 3, 3, 17, 40], part = [4, 0, 1]
        try Self.expectSame(memory[rows], stored[rows])
        try Self.expectSame(memory[rows][part], stored[rows][part])
        #expect(stored[rows] == stored[rows] && stored[rows] != stored[part])
    }

    @Test(arguments: [Scaling.standard, .minMax], [[5], [2, 3, 4]])
    func splitsAndScaling(_ scaling: Scaling, _ shape: [Int]) throws {
        // More samples than a block that statistics are taken of holds.
        let (memory, stored) = try Self.pair(rows: 1 << 16, shape: shape)
        var first = try SplitSpecification()(memory), second = try SplitSpecification()(stored)
        let scalers = (try first.scale(scaling, targets: .standard), try second.scale(scaling, targets: .standard))
        #expect(scalers.0.inputs == scalers.1.inputs && scalers.0.targets == scalers.1.targets)
        try Self.expectSame(first.train, second.train)
        try Self.expectSame(try #require(first.validation), try #require(second.validation))
        try Self.expectSame(try #require(first.test), try #require(second.test))
    }

    @Test func aKnownRangeTakesNoReading() throws {
        let store = FakeStore((0..<40).map { Float($0 % 11) }, size: 4)
        var data = try Dataset(
            name: "bytes", sampleShape: [4], samples: store,
            targets: .classes([Int32](repeating: 0, count: 10), names: ["x"]),
            inputRange: 0...10)
        try data.scale(by: Scaler(.unit, fittingInputsOf: data))
        #expect(store.readCount == 0 && data.inputRange == 0...1)
        #expect(try data.inputValues() == store.values.map { Float(Double($0) * (1.0 / 10)) })
    }

    @Test func otherTargets() throws {
        let (memory, stored) = try Self.pair(rows: 3)
        let targets = Dataset.Targets.classes([1, 0, 1], names: ["no", "yes"])
        try Self.expectSame(
            try memory.withTargets(.values([1, 2, 3, 4, 5, 6], width: 2, names: ["c", "d"])),
            try stored.withTargets(.values([1, 2, 3, 4, 5, 6], width: 2, names: ["c", "d"])))
        #expect(try stored.withTargets(targets).targets == targets)
        #expect(failure { try stored.withTargets(.classes([1, 2, 1], names: ["no", "yes"])) } != nil)
        #expect(failure { try stored.withTargets(.classes([1, 1], names: ["no", "yes"])) } != nil)
    }

    @Test func whatCannotBeReadIsNamed() throws {
        let data = try Dataset(
            name: "pictures", sampleShape: [2], samples: FakeStore((0..<40).map { Float($0) }, size: 2, failing: 13),
            targets: .values((0..<20).map { Float($0) }, width: 1, names: ["y"]))
        for error in [failure { try data.inputValues() }, failure { try Scaler(.standard, fittingInputsOf: data) }] {
            #expect(error?.location == "file13.png")
        }
        #expect(data[[2, 13]].place(of: 1) == "pictures, row 14 (file13.png)")
    }

    @Test func aNumberThatScalingMakesInfiniteIsNamed() throws {
        let values: [Float] = [1, 1.0000001, 3e38, 1]
        var data = try Dataset(
            name: "far", sampleShape: [1], samples: FakeStore(values, size: 1),
            targets: .values([0, 0, 0, 0], width: 1, names: ["y"]))
        try data.scale(by: Scaler(.minMax, fittingInputsOf: data[[0, 1]]))
        let error = failure { try data.inputValues() }
        #expect(error?.what == "after scaling, number 1 is inf" && error?.location == "far, row 3 (file2.png)")
        var sample: [Float] = [0]
        try data.copyInputs([1], to: &sample)
        #expect(sample == [1])
    }
}
