import EspalierGraph
import EspalierSpec
import Foundation
import Testing

@testable import EspalierData

/// Arrays that stay in their files give what they give in memory.
@Suite struct ArrayFileTests {
    static func fileSamples(_ bytes: [UInt8], _ format: ArrayFile.Format = .npy) throws -> (FileSamples, TemporaryFile)
    {
        let file = try TemporaryFile(bytes, name: "x.npy")
        guard case .file(let samples) = try ArrayFile(file.path, format, inMemory: false) else {
            throw EspalierError("it was read into memory")
        }
        return (samples, file)
    }

    /// Numbers of every type in both orders of bytes.
    @Test(arguments: NumericArray.Element.allCases, [false, true])
    func everyType(_ element: NumericArray.Element, isBigEndian: Bool) throws {
        let names: [NumericArray.Element: String] = [
            .bool: "b1", .int8: "i1", .uint8: "u1", .int16: "i2", .uint16: "u2", .int32: "i4", .uint32: "u4",
            .int64: "i8", .uint64: "u8", .float32: "f4", .float64: "f8",
        ]
        var random = RandomStream(seed: 1, element.rawValue)
        let bytes: [UInt8] = (0..<30).flatMap { _ -> [UInt8] in
            let number = random.normal() * 50
            let little: [UInt8] =
                switch element {
                case .float32: withUnsafeBytes(of: Float(number), Array.init)
                case .float64: withUnsafeBytes(of: number, Array.init)
                default: (0..<element.size).map { _ in UInt8(random.index(below: 256)) }
                }
            return isBigEndian ? little.reversed() : little
        }
        let type = (isBigEndian ? ">" : "<") + (names[element] ?? "")
        let contents = npy(type, "(5, 3, 2)", bytes)
        let (samples, file) = try Self.fileSamples(contents)
        let whole = try NumPyFile.array(in: contents, place: file.path).values(as: Float.self)
        #expect(samples.count == 5)
        for row in [4, 0, 2] {
            var sample = [Float](repeating: 0, count: 6)
            try sample.withUnsafeMutableBufferPointer { try samples.read(row, into: $0) }
            #expect(sample == Array(whole[row * 6..<row * 6 + 6]))
        }
        _ = try samples.scan()
    }

    @Test func sources() throws {
        let rows = 30
        let table = npy(
            "<f8", "(30, 4)", (0..<rows * 4).flatMap { withUnsafeBytes(of: Double($0 * 7 % 13) / 4, Array.init) })
        let labels = npy("<i8", "(30,)", (0..<rows).flatMap { withUnsafeBytes(of: Int64($0 % 3), Array.init) })
        let files = try (TemporaryFile(table, name: "table.npy"), TemporaryFile(labels, name: "labels.npy"))
        for targets in [nil, files.1.path] {
            let memory = try NPYSource(path: files.0.path, targets: targets, inMemory: true).load(relativeTo: "")
            let stored = try NPYSource(path: files.0.path, targets: targets, inMemory: false).load(relativeTo: "")
            try StoredDatasetTests.expectSame(memory, stored)
            #expect(try NPYSource(path: files.0.path, targets: targets).load(relativeTo: "").isStored == false)
        }
    }

    @Test func images() throws {
        let images = try TemporaryFile(idx([6, 4, 3], (0..<72).map { UInt8($0 * 3) }), name: "a-images-idx3-ubyte")
        let labels = try TemporaryFile(idx([6], [0, 1, 0, 1, 0, 1]), name: "a-labels-idx1-ubyte")
        func load(_ inMemory: Bool?) throws -> Dataset {
            try IDXSource(path: images.path, labels: labels.path, inMemory: inMemory).load(relativeTo: "")
        }
        let stored = try load(false)
        #expect(stored.sampleShape == [1, 4, 3] && stored.inputRange == 0...255)
        try StoredDatasetTests.expectSame(try load(true), stored)
        // What is packed is read, whatever was asked for.
        let packed = try TemporaryFile(gzip(idx([6, 4, 3], (0..<72).map { UInt8($0 * 3) })), name: "b.idx.gz")
        #expect(try !IDXSource(path: packed.path, labels: labels.path, inMemory: false).load(relativeTo: "").isStored)
    }

    /// A file whose samples would take more than the limit stays where it is; a hole in it takes no room.
    @Test func sizeDecides() throws {
        for (rows, isStored) in [(64, false), (66, true)] {
            let header = npy("|u1", "(\(rows), 2097152)", []),
                labels = npy("|u1", "(\(rows),)", (0..<rows).map { UInt8($0 % 2) })
            let file = try TemporaryFile(header, name: "large.npy"), targets = try TemporaryFile(labels, name: "y.npy")
            #expect(truncate(file.path, header.count + rows << 21) == 0)
            guard case .file = try ArrayFile(file.path, .npy) else {
                #expect(!isStored)
                continue
            }
            let data = try NPYSource(path: file.path, targets: targets.path).load(relativeTo: "")
            #expect(isStored && data.isStored && data.count == rows && data.sampleShape == [2_097_152])
        }
    }

    @Test func whatCannotStayInTheFile() throws {
        var bytes = npy("<f4", "(2, 2)", [UInt8](repeating: 0, count: 16))
        let word = try #require(bytes.firstRange(of: Array("False".utf8)))
        bytes.replaceSubrange(word, with: Array("True ".utf8))
        let file = try TemporaryFile(bytes, name: "x.npy")
        let error = failure { try ArrayFile(file.path, .npy, inMemory: false) }
        #expect(error?.what.contains("Fortran") == true && error?.location == file.path)
        guard case .memory = try ArrayFile(file.path, .npy) else {
            Issue.record("it was left in the file")
            return
        }
    }

    @Test func numbersThatAreNotFiniteAreNamed() throws {
        var numbers = (0..<12).map { Float($0) }
        numbers[7] = .nan
        let bytes = npy("<f4", "(4, 3)", numbers.flatMap { withUnsafeBytes(of: $0, Array.init) })
        let file = try TemporaryFile(bytes, name: "x.npy")
        for targets in [nil, file.path] {
            let error = failure {
                try NPYSource(path: file.path, targets: targets, inMemory: false).load(relativeTo: "")
            }
            #expect(error?.what == "the value is nan" && error?.location == "\(file.path), row 3, number 2")
        }
        // Beyond what 32 bits hold.
        let large = npy("<f8", "(2, 1)", [1, 1e300].flatMap { withUnsafeBytes(of: $0, Array.init) })
        let (samples, path) = try Self.fileSamples(large)
        #expect(failure { try samples.scan() }?.location == "\(path.path), row 2, number 1")
    }

    @Test func aFileThatBecomesShorterIsAnError() throws {
        let bytes = npy("<f4", "(4, 3)", [UInt8](repeating: 0, count: 48))
        let (samples, file) = try Self.fileSamples(bytes)
        #expect(truncate(file.path, bytes.count - 8) == 0)
        var sample: [Float] = [0, 0, 0]
        try sample.withUnsafeMutableBufferPointer { try samples.read(2, into: $0) }
        let error = failure { try sample.withUnsafeMutableBufferPointer { try samples.read(3, into: $0) } }
        #expect(error?.what.contains("has become shorter") == true && error?.location == file.path)
    }

    /// Damaged files are left where they are and read, or refused, never a crash.
    @Test func damagedFiles() throws {
        let values = (0..<24).flatMap { withUnsafeBytes(of: Float($0), Array.init) }
        let arrays = [npy("<f4", "(4, 6)", values), npy(">f8", "(3, 2, 2)", values)]
        let images = idx([4, 3, 2], (0..<24).map { UInt8($0) })
        for (format, seeds) in [(ArrayFile.Format.npy, arrays), (.idx, [images])] {
            // In memory where the system has that, as it is written so often.
            let path =
                access("/dev/shm", W_OK) == 0
                ? "/dev/shm/espalier-\(UUID().uuidString)" : "\(NSTemporaryDirectory())fuzz"
            let handle = open(path, O_RDWR | O_CREAT, 0o600)
            defer {
                close(handle)
                unlink(path)
            }
            ArchiveFuzzTests.survive(seeds, seed: 5) { bytes in
                #expect(ftruncate(handle, bytes.count) == 0)
                _ = bytes.withUnsafeBytes { pwrite(handle, $0.baseAddress, $0.count, 0) }
                guard case .file(let samples) = try ArrayFile(path, format, inMemory: false) else { return }
                _ = try samples.scan(column: 0)
                var sample = [Float](repeating: 0, count: samples.columns.count)
                try sample.withUnsafeMutableBufferPointer { try samples.read(samples.count - 1, into: $0) }
            }
        }
    }
}
