import EspalierSpec
import EspalierTestSupport
import Foundation
import Testing

@testable import EspalierTraining

struct SafeTensorsTests {
    private static let sample = SafeTensors(
        [
            NamedArray("b.weight", shape: [2, 3], [1, -2.5, .infinity, 0, -0.0, 0x1p-140]),
            NamedArray("a", shape: [], .int64([1 << 40])), NamedArray("none", shape: [0, 3], [Float]()),
            NamedArray("labels \"ü\"", shape: [3], .int32([1, -2, .max])),
        ], metadata: ["format": "pt", "a": "é"])

    /// The file `reference.safetensors` was made by Python's safetensors 0.8.0; see the script beside it.
    @Test func pythonsFileIsReadInFull() throws {
        let read = try SafeTensors.read(fixture("SafeTensors/reference.safetensors"))
        #expect(read.metadata == ["format": "pt", "note": "ü \"quoted\""])
        #expect(read.arrays.count == 8)
        #expect(read["0.weight"]?.shape == [2, 3])
        #expect(read["0.weight"]?.floats == (0..<6).map { Float($0) / 3 })
        let bias = try #require(read["0.bias"]).floats
        #expect(bias[0] == -1.5 && bias[1] == .infinity && bias[2].isNaN && bias.count == 3)
        #expect(read["double"]?.floats == [0.1, -2e10])
        #expect(read["half"]?.floats == [0.099975586, 65504, 5.9604645e-08, -.infinity])
        #expect(read["brain"]?.floats == [1, -2.5, 3.140625])
        #expect(read["labels"] == NamedArray("labels", shape: [1, 2], .int32([7, -7])))
        #expect(read["batches"] == NamedArray("batches", shape: [], .int64([1 << 40])))
        #expect(read["empty"] == NamedArray("empty", shape: [0, 4], [Float]()))
        #expect(read["missing"] == nil)
    }

    @Test func whatIsWrittenReadsBackTheSameInTheSameOrder() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("x.safetensors")
        try Self.sample.write(to: path)
        let read = try SafeTensors.read(path)
        #expect(read == Self.sample)
        #expect(read["b.weight"]?.floats[4].sign == .minus)
        let first = try bytes(of: path)
        try read.write(to: path)
        #expect(try bytes(of: path) == first)
    }

    @Test func bytesAreExactlyTheFormats() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("x.safetensors")
        try SafeTensors([NamedArray("w", shape: [1, 2], [1, -2])], metadata: ["format": "pt"]).write(to: path)
        let header =
            #"{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}"#
        let padded = header + String(repeating: " ", count: 88 - header.utf8.count)
        let expected: [UInt8] =
            [88, 0, 0, 0, 0, 0, 0, 0] + Array(padded.utf8) + [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]
        #expect(try bytes(of: path) == expected)
    }

    @Test func namesMustDiffer() throws {
        let folder = try TemporaryFolder()
        for names in [["a", "a"], ["__metadata__"]] {
            let arrays = names.map { NamedArray($0, shape: [], [1]) }
            #expect(try #require(error { try SafeTensors(arrays).write(to: folder.file("x")) }).what.contains("called"))
        }
        #expect(try folder.names.isEmpty)
    }

    @Test func wholeNumbersAreConvertedWhereTheyFit() throws {
        #expect(try NamedArray("a", shape: [2], .int64([3, -4])).int32s() == [3, -4])
        #expect(NamedArray("a", shape: [2], .int64([3, -4])).floats == [3, -4])
        #expect(
            try #require(error { try NamedArray("a", shape: [1], .int64([1 << 31])).int32s() }).what.contains("large"))
        #expect(try #require(error { try NamedArray("a", shape: [1], [1]).int32s() }).what.contains("fractions"))
    }

    private func file(_ header: String, data: Int, length: UInt64? = nil) -> [UInt8] {
        let count = withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian, Array.init)
        return count + Array(header.utf8) + Array(repeating: 0, count: data)
    }

    @Test(arguments: [
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 7, "speaks of 8 bytes of data, the file has 7"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 9, "speaks of 8 bytes of data, the file has 9"),
        (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8, "shape [3] of F32 does not fill the 8 bytes"),
        (#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, 8, "malformed"),
        (#"{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#, 8, "malformed"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8, "malformed"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, 8, "malformed"),
        (#"{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}"#, 8, "malformed"),
        (#"{"a":{"shape":[2],"data_offsets":[0,8]}}"#, 8, "malformed"),
        (#"{"a":3}"#, 0, "malformed"),
        (#"{"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}"#, 2, "its type is BOOL"),
        (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0, "does not fill"),
        (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4,0],"data_offsets":[0,0]}}"#, 0, "does not fill"),
        (#"{"a":{"dtype":"F64","shape":[4611686018427387904],"data_offsets":[0,0]}}"#, 0, "does not fill"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "begins at 4, the array before it ends at 0"),
        (
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            8, "begins at 4, the array before it ends at 8"
        ),
        (
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            8, "the key \"a\" is given twice"
        ),
        (#"{"__metadata__":3}"#, 0, "__metadata__ is no map"),
        (#"{"__metadata__":{"a":3}}"#, 0, "something other than a text"),
        (#" {}"#, 0, "does not begin with {"), ("[]", 0, "does not begin with {"), ("", 0, "does not begin with {"),
        (#"{"a":"#, 0, "the text ends"),
    ])
    func damagedFilesAreRefused(header: String, data: Int, what: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.put(file(header, data: data), as: "x")
        let error = try #require(error { try SafeTensors.read(path) })
        #expect(error.what.contains(what), "\(error)")
        #expect(error.location?.hasPrefix(path) == true)
    }

    @Test(arguments: [0, 7, 8, 12] as [Int])
    func shortFilesAndHugeHeadersAreRefused(count: Int) throws {
        let folder = try TemporaryFolder()
        for length in [UInt64(5), 100_000_001, .max, 1 << 63] {
            let bytes = Array(file("{}{}", data: 0, length: length).prefix(count))
            #expect(throws: EspalierError.self) { try SafeTensors.read(folder.put(bytes, as: "x")) }
        }
        #expect(try #require(error { try SafeTensors.read(folder.path) }).what.contains("it is a folder"))
        #expect(try #require(error { try SafeTensors.read(folder.file("no")) }).what.contains("no such file"))
        #expect(try #require(error { try SafeTensors.read("/dev/null") }).what.contains("no ordinary file"))
    }

    @Test func doublesThatAreNoFloatsAreRefused() throws {
        let folder = try TemporaryFolder()
        var bytes = file(#"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#, data: 0)
        bytes += withUnsafeBytes(of: 1e300, Array.init)
        #expect(try #require(error { try SafeTensors.read(folder.put(bytes, as: "x")) }).what == "it holds 1e+300")
    }

    @Test func damagedFilesAreReadOrRefusedButNeverMore() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("x.safetensors")
        try Self.sample.write(to: path)
        let sample = try bytes(of: path)
        var random = RandomInput("safetensors fuzz")
        var refused = 0
        for _ in 0..<Fuzzing.count {
            let damaged = random.stream.damage(sample, with: "{}[]:,-\"0123456789FI")
            let file = try folder.put(damaged, as: "damaged")
            do {
                _ = try SafeTensors.read(file)
            } catch let error as EspalierError {
                #expect(error.location?.hasPrefix(file) == true, "\(error)")
                refused += 1
            }
        }
        #expect(refused > Fuzzing.count / 20 && refused < Fuzzing.count)
    }
}
