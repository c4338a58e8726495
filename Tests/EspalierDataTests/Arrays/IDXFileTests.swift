import EspalierSpec
import Foundation
import Testing

@testable import EspalierData

/// An IDX file of bytes.
func idx(_ shape: [Int], _ values: [UInt8]) -> [UInt8] {
    [0, 0, 8, UInt8(shape.count)] + shape.flatMap { withUnsafeBytes(of: UInt32($0).bigEndian, Array.init) } + values
}

/// `bytes` as a gzip file of stored blocks.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
    func little(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.littleEndian, Array.init) }
    let length = little(UInt32(bytes.count))
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1] + length.prefix(2) + length.prefix(2).map { ~$0 } + bytes
        + little(bytes.withUnsafeBytes(CRC32.checksum)) + length
}

/// A data root with a few images of 28 x 28 in `mnist` and `fashion`, removed with the value.
final class TemporaryDataRoot {
    let path = FileManager.default.temporaryDirectory.appending(path: "espalier-\(UUID().uuidString)").path

    init(label: UInt8 = 9) throws {
        for folder in ["mnist", "fashion"] {
            try FileManager.default.createDirectory(atPath: "\(path)/\(folder)", withIntermediateDirectories: true)
            for (part, count) in [("train", 40), ("t10k", 10)] {
                let pixels = (0..<(count * 784)).map { UInt8($0 % 251) }
                try put(gzip(idx([count, 28, 28], pixels)), "\(folder)/\(part)-images-idx3-ubyte.gz")
                let labels = (0..<count).map { min(UInt8($0 % 10), label) }
                try put(idx([count], labels.dropLast() + [label]), "\(folder)/\(part)-labels-idx1-ubyte")
            }
        }
    }

    func put(_ bytes: [UInt8], _ name: String) throws { try Data(bytes).write(to: URL(filePath: "\(path)/\(name)")) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct IDXFileTests {
    @Test func mnistIsReadWithItsTestSet() throws {
        let root = try TemporaryDataRoot()
        let sources: [any DataSource] = [MNISTSource(root: root.path), FashionMNISTSource(root: root.path)]
        for source in sources {
            let (rest, test) = try source.loadParts(relativeTo: "")
            #expect(rest.count == 40 && test?.count == 10)
            #expect(rest.sampleShape == [1, 28, 28] && rest.inputRange == 0...255)
            #expect(rest.inputs == (0..<(40 * 784)).map { Float($0 % 251) })
            guard case .classes(let labels, let names) = rest.targets else { throw EspalierError("no classes") }
            #expect(labels == (0..<40).map { Int32($0 % 10) } && names.count == 10)
        }
        #expect(try IDXSource(path: root.path + "/mnist").loadParts(relativeTo: "").test?.count == 10)
        let single = IDXSource(
            path: root.path + "/mnist/train-images-idx3-ubyte.gz", labels: root.path + "/mnist/train-labels-idx1-ubyte")
        #expect(try single.load(relativeTo: "").count == 40)
    }

    @Test func theCommandLineGoesBeforeTheConfigurationAndThatBeforeTheEnvironment() {
        let option = DataRoot(option: "/a", environment: [DataRoot.variable: "/b"])
        let environment = DataRoot(option: nil, environment: [DataRoot.variable: "/b"])
        #expect(option.map { MNISTSource(root: "/c").rooted(at: $0).root } == "/a")
        #expect(environment.map { MNISTSource(root: "/c").rooted(at: $0).root } == "/c")
        #expect(environment.map { MNISTSource().rooted(at: $0).root } == "/b")
        #expect(DataRoot(option: nil, environment: [:]) == nil)
    }

    @Test func saysWhatIsMissing() throws {
        #expect(failure { try MNISTSource().load(relativeTo: "") }?.fix?.contains("--data-root") == true)
        #expect(failure { try MNISTSource(root: "/nowhere").load(relativeTo: "") }?.what == "there is no such folder")
        let root = try TemporaryDataRoot()
        try FileManager.default.removeItem(atPath: root.path + "/mnist/t10k-labels-idx1-ubyte")
        let missing = failure { try MNISTSource(root: root.path).load(relativeTo: "") }
        #expect(missing?.what == "t10k-labels-idx1-ubyte is missing")
        let other = try TemporaryDataRoot(label: 10)
        let label = failure { try FashionMNISTSource(root: other.path).load(relativeTo: "") }
        #expect(label?.what == "the class is 10.0")
    }

    @Test func wrongSizesAndSumsAreRefused() throws {
        func error(_ bytes: [UInt8]) -> String? { failure { try IDXFile.array(in: bytes, "a.idx") }?.what }
        let good = idx([2, 3], [1, 2, 3, 4, 5, 6])
        #expect(try IDXFile.array(in: gzip(good), "").values(as: Float.self) == [1, 2, 3, 4, 5, 6])
        #expect(error(Array(good.dropLast()))?.contains("5 bytes follow") == true)
        #expect(error(idx([1 << 31, 1 << 31, 1 << 31], []))?.contains("0 bytes follow") == true)
        #expect(error(gzip(idx([1 << 31, 1 << 31, 1 << 31], []))) != nil)
        #expect(error(gzip(idx([1 << 31, 1 << 30], [])))?.contains("another number of bytes") == true)
        #expect(error(gzip(idx([2, 3], [1]))) == "the compressed data holds 13 bytes")
        #expect(error(gzip(idx([2, 3], [UInt8](repeating: 0, count: 9))))?.contains("another number") == true)
        var wrong = gzip(good)
        wrong[wrong.count - 8] ^= 1
        #expect(error(wrong) == "the checksum is not that of the data")
        #expect(error([1, 2, 3])?.contains("no IDX file") == true)
    }

    /// The published files, where they lie beside the repository.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: sharedData + "/mnist")))
    func thePublishedFilesAreReadQuickly() throws {
        var parts: (rest: Dataset, test: Dataset?)?
        let elapsed = try ContinuousClock().measure {
            parts = try MNISTSource(root: sharedData).loadParts(relativeTo: "")
        }
        let mnist = try #require(parts)
        #expect(mnist.rest.count == 60_000 && mnist.test?.count == 10_000)
        guard case .classes(let labels, _) = mnist.rest.targets else { throw EspalierError("no classes") }
        #expect(labels.prefix(10) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
        // The published mean of all pixels is 0.1307 of 255.
        let mean = mnist.rest.inputs.reduce(0) { $0 + Double($1) } / Double(mnist.rest.inputs.count)
        #expect(abs(mean / 255 - 0.13066) < 1e-5)
        #expect(elapsed < .seconds(2), "measured \(elapsed)")
        print("reading MNIST took \(elapsed)")
    }
}

let sharedData = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/data")
    .path
