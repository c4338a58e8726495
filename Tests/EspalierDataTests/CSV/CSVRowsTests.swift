import Testing

@testable import EspalierData

@Suite struct CSVRowsTests {
    /// Rows go to the file as soon as one more is too many, those in memory first.
    @Test(arguments: [0, 1, 5, 6, 8, 100]) func areTheSameWhereverTheyLie(_ most: Int) throws {
        var rows = CSVRows(width: 2, most: most)
        let numbers: [Float] = [1, 2, 3, 4, 5, .nan, 7, 8]
        rows.reserveCapacity(4)
        for start in stride(from: 0, to: 8, by: 2) {
            try numbers[start..<start + 2].withUnsafeBufferPointer { try rows.append($0) }
        }
        #expect(rows.count == 4)
        let content = try rows.finish()
        if case .memory = content { #expect(most >= 8) } else { #expect(most < 8) }
        var read = [Float](repeating: 0, count: 8)
        try read.withUnsafeMutableBufferPointer { try content.store(width: 2).read(0..<4, into: $0) }
        #expect(read.map(\.bitPattern) == numbers.map(\.bitPattern))
    }
}
