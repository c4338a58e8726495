import EspalierNN
import EspalierSpec
import EspalierTestSupport
import Foundation
import Testing

@testable import EspalierTraining

struct NPZTests {
    private static let arrays = [
        NamedArray("0.weight", shape: [2, 3], [1, -2.5, 3, .infinity, 5, 1e-30]),
        NamedArray("0.größe", shape: [], [7]), NamedArray("empty", shape: [0, 2], [Float]()),
        NamedArray("counts", shape: [2], .int32([1, -2])), NamedArray("steps", shape: [1], .int64([3])),
    ]

    @Test func whatIsWrittenIsRead() throws {
        let folder = try TemporaryFolder(), path = folder.file("x.npz")
        try NPZ.write(Self.arrays, to: path)
        let read = try NPZ.read(path)
        #expect(read.map(\.name) == Self.arrays.map(\.name) && read.map(\.shape) == Self.arrays.map(\.shape))
        #expect(read.map(\.floats) == Self.arrays.map(\.floats))
        try NPZ.write(Self.arrays, to: folder.file("y.npz"))
        #expect(try bytes(of: path) == bytes(of: folder.file("y.npz")))
    }

    /// Headers as numpy.save makes them: numbers from a multiple of 64 on.
    @Test func arraysAreFilesOfNumPy() throws {
        let folder = try TemporaryFolder(), path = folder.file("x.npz")
        try NPZ.write([NamedArray("a", shape: [1, 2], [1, 2])], to: path)
        let bytes = try bytes(of: path)
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2,), }"
        let npy = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8)
        let start = 30 + "a.npy".utf8.count
        #expect(Array(bytes[start..<start + npy.count]) == npy)
        #expect(
            bytes[start + 127] == 10 && Array(bytes[(start + 128)..<(start + 136)]) == [0, 0, 128, 63, 0, 0, 0, 64])
    }

    @Test func archivesOfNumPyAreRead() throws {
        let arrays = try NPZ.read(fixture("NumPy/packed.npz"))
        #expect(!arrays.isEmpty && arrays.allSatisfy { $0.floats.count == $0.shape.reduce(1, *) })
    }

    @Test func whatDoesNotFitIsNamed() throws {
        let folder = try TemporaryFolder(), path = folder.file("x.npz")
        let twice = error { try NPZ.write([Self.arrays[0], Self.arrays[0]], to: path) }
        #expect(twice?.what == "two arrays are called \"0.weight\"" && !FileManager.default.fileExists(atPath: path))
        let text = error { try NPZ.read(folder.put("no archive", as: "t.npz")) }
        #expect(text?.location?.hasSuffix("t.npz") == true)
    }

    /// A model begins with weights of an archive as with those of safetensors, under other names and in part.
    @Test func aModelBeginsWithAnArchive() throws {
        let folder = try TemporaryFolder(), path = folder.file("given.npz")
        try NPZ.write(
            [
                NamedArray("model.1.weight", shape: [1, 2], [3, 4]), NamedArray("model.1.bias", shape: [1], [5]),
                NamedArray("model.1.num_batches_tracked", shape: [], .int64([9])),
            ], to: path)
        let state = try ModelState(
            Sequential {
                Linear(2, 2)
                Linear(2, 1)
            }, seed: 1)
        let before = state.parameters.values("0.weight").map { Array($0) }
        try InitialWeights(file: path, match: "1.*", rename: ["model.": ""]).load(into: state)
        #expect(state.parameters.values("1.weight").map { Array($0) } == [3, 4])
        #expect(state.parameters.values("1.bias").map { Array($0) } == [5])
        #expect(state.parameters.values("0.weight").map { Array($0) } == before)
    }

    @Test func damagedArchivesAreReadOrRefusedButNeverMore() throws {
        let folder = try TemporaryFolder()
        try NPZ.write(Self.arrays, to: folder.file("x.npz"))
        let samples = try [folder.file("x.npz"), fixture("NumPy/packed.npz")].map { try bytes(of: $0) }
        let state = try ModelState(Sequential { Linear(3, 2, bias: false) }, seed: 1)
        var random = RandomInput("npz fuzz")
        var refused = 0
        for index in 0..<Fuzzing.count {
            let damaged = random.stream.damage(samples[index % 2], with: "PK\u{1}\u{2}(){}:,'<f0123456789")
            let file = try folder.put(damaged, as: "damaged.npz")
            do {
                try InitialWeights(file: file, strict: false).load(into: state)
            } catch let error as EspalierError {
                #expect(error.location?.hasPrefix(file) == true, "\(error)")
                refused += 1
            }
        }
        #expect(refused > Fuzzing.count / 2 && refused < Fuzzing.count, "\(refused)")
    }
}
