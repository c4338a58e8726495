import Espalier
import EspalierGraph
import Testing

@testable import EspalierDoctor

/// A column that counts the rows of a sorted file.
extension DataChecksTests {
    /// Three columns that tell nothing of two classes, of which each has one half of the rows, and a column of the caller's.
    private func sorted(_ rows: Int, _ number: (Int) -> Float) throws -> Dataset {
        var random = RandomStream(seed: 4, "sorted")
        let inputs = (0..<rows).flatMap { row in [number(row)] + (0..<3).map { _ in Float(random.normal()) } }
        return try Dataset(
            name: "sorted", sampleShape: [4], inputs: inputs,
            targets: .classes((0..<rows).map { Int32($0 * 2 / rows) }, names: ["a", "b"]),
            featureNames: ["id", "f1", "f2", "f3"])
    }

    private func leaks(_ data: Dataset, scale: Scaling = .standard) throws -> [String?] {
        let found = try findings(Planted(WineSource()) { _ in data }, scale: scale)
        return found.filter { $0.symptom == .leakage }.map(\.location)
    }

    @Test func aColumnThatCountsTheRowsOfASortedFileIsALeak() throws {
        #expect(try leaks(sorted(300) { Float($0) }) == ["id"])
        #expect(try leaks(sorted(300) { 1000 + Float($0) }, scale: .none) == ["id"])
        // Every eleventh row was taken out of the file.
        #expect(try leaks(sorted(300) { Float($0 + $0 / 10) }) == ["id"])
        // Backwards, and by tens.
        #expect(try leaks(sorted(300) { -10 * Float($0) }) == ["id"])
    }

    @Test func whatIsNoCountOrTellsNothingIsNone() throws {
        // The order says nothing.
        #expect(try leaks(sorted(300) { Float($0 * 7 % 300) }).isEmpty)
        // A measure that grows from row to row, by steps of any size.
        #expect(try leaks(sorted(300) { Float($0) + Float($0 * $0 * 31 % 97) / 110 }).isEmpty)
        // Values that repeat, or have wide gaps.
        #expect(try leaks(sorted(300) { Float($0 / 2) }).isEmpty)
        #expect(try leaks(sorted(300) { Float($0 + $0 / 75 * 100) }).isEmpty)
        #expect(try leaks(sorted(40) { Float($0) }).isEmpty)
    }
}
