import EspalierNN
import EspalierSpec
import Testing

@testable import EspalierTraining

/// A model's weights out of a file of named arrays.
struct LoadingTests {
    private static let arrays = [
        NamedArray("0.weight", shape: [2, 3], [1, 2, 3, 4, 5, 6]),
        NamedArray("1.weight", shape: [2], [7, 8]),
        NamedArray("1.bias", shape: [2], [9, 10]),
        NamedArray("1.running_mean", shape: [2], [11, 12]),
        NamedArray("1.running_var", shape: [2], [13, 14]),
        NamedArray("1.num_batches_tracked", shape: [], .int64([5])),
    ]

    private func state() throws -> ModelState {
        let model = Sequential {
            Linear(3, 2, bias: false)
            BatchNorm(2)
        }
        return try ModelState(model, seed: 1)
    }

    @Test func arraysGoWhereTheirNamesSay() throws {
        let state = try state()
        try state.load(SafeTensors(Self.arrays.reversed()), from: "file")
        for array in Self.arrays.dropLast() {
            let values = try #require(state.parameters.values(array.name) ?? state.statistics.values(array.name))
            #expect(Array(values) == array.floats, "\(array.name)")
        }
    }

    /// Each damage is named, and the model stays as it was.
    @Test func whatDoesNotFitIsNamed() throws {
        let other = NamedArray("2.weight", shape: [1], [0])
        let cases: [(arrays: [NamedArray], words: [String])] = [
            (Array(Self.arrays.dropFirst()), ["no array is called \"0.weight\""]),
            ([Self.arrays[0]], ["\"1.weight\", nor 3 others"]),
            (Array(Self.arrays.dropFirst()) + [other], ["\"0.weight\"", "rename", "\"2.weight\""]),
            (Self.arrays + [other], ["\"2.weight\" belongs to nothing"]),
            (
                [NamedArray("0.weight", shape: [3, 2], [1, 2, 3, 4, 5, 6])] + Self.arrays.dropFirst(),
                ["\"0.weight\" has the shape [3, 2]", "[2, 3]"]
            ),
        ]
        for (arrays, words) in cases {
            let state = try state(), before = state.snapshot()
            let error = try #require(throws: EspalierError.self) { try state.load(SafeTensors(arrays), from: "file") }
            for word in ["file: "] + words { #expect(error.description.contains(word), "\(error)") }
            #expect(state.snapshot() == before)
        }
    }
}
