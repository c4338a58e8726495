import EspalierSpec
import Testing

@testable import EspalierData

@Suite struct CIFARSourcesTests {
    /// A record whose pixels count up from its number.
    static func record(_ labels: [UInt8], _ number: Int) -> [UInt8] {
        labels + (0..<CIFARFile.pixelBytes).map { UInt8(truncatingIfNeeded: $0 + number) }
    }

    static func ten() throws -> TemporaryFolder {
        let names = "airplane\nautomobile\n\n"
        let folder = try TemporaryFolder(["cifar-10-batches-bin/batches.meta.txt": Array(names.utf8)])
        for batch in 1...5 {
            let records = record([UInt8(batch % 2)], batch) + record([0], batch + 10)
            try folder.put(records, "cifar-10-batches-bin/data_batch_\(batch).bin")
        }
        try folder.put(record([1], 100), "cifar-10-batches-bin/test_batch.bin")
        return folder
    }

    @Test func tenClassesAreRead() throws {
        let folder = try Self.ten()
        let (rest, test) = try CIFAR10Source(root: folder.path).loadParts(relativeTo: "")
        guard case .classes(let labels, let names) = rest.targets else { throw EspalierError("no classes") }
        #expect(names == ["airplane", "automobile"] && labels == [1, 0, 0, 0, 1, 0, 0, 0, 1, 0])
        #expect(rest.sampleShape == [3, 32, 32] && rest.inputRange == 0...255 && rest.count == 10)
        #expect(Array(rest.inputs[(3 * 3072)..<(3 * 3072 + 3)]) == [12, 13, 14])
        #expect(test?.labels == [1] && test?.inputs.first == 100)
        // The folder itself is a root too.
        let inside = CIFAR10Source(root: folder.path + "/cifar-10-batches-bin")
        #expect(try inside.load(relativeTo: "").count == 10)
    }

    @Test func aHundredClassesAreReadByTheirFineLabels() throws {
        let names = (0..<100).map { "class\($0)" }.joined(separator: "\n")
        let folder = try TemporaryFolder([
            "cifar-100-binary/fine_label_names.txt": Array(names.utf8),
            "cifar-100-binary/train.bin": Self.record([3, 99], 1) + Self.record([19, 4], 2),
            "cifar-100-binary/test.bin": Self.record([0, 50], 3),
        ])
        let (rest, test) = try CIFAR100Source(root: folder.path).loadParts(relativeTo: "")
        #expect(rest.labels == [99, 4] && test?.labels == [50] && rest.inputs[3072] == 2)
    }

    @Test func saysWhatIsWrong() throws {
        #expect(failure { try CIFAR10Source().load(relativeTo: "") }?.fix?.contains("--data-root") == true)
        let nowhere = failure { try CIFAR100Source(root: "/nowhere").load(relativeTo: "") }
        #expect(nowhere?.what == "there is no such folder")
        let folder = try Self.ten()
        func error() -> EspalierError? { failure { try CIFAR10Source(root: folder.path).load(relativeTo: "") } }
        try folder.put(Self.record([2], 1), "cifar-10-batches-bin/data_batch_4.bin")
        #expect(error()?.what == "the class is 2")
        #expect(error()?.location == "\(folder.path)/cifar-10-batches-bin/data_batch_4.bin, record 1")
        try folder.put([0, 1, 2], "cifar-10-batches-bin/data_batch_4.bin")
        #expect(error()?.what == "it has 3 bytes")
        try folder.put([], "cifar-10-batches-bin/data_batch_4.bin")
        #expect(error()?.what == "it has 0 bytes")
    }
}
