import EspalierData
import Testing

@Suite struct BatchesTests {
    @Test func theLastBatchIsSmaller() {
        #expect(Batches([4, 3, 2, 1, 0], size: 2).map(Array.init) == [[4, 3], [2, 1], [0]])
        #expect(Batches([4, 3, 2, 1, 0], size: 2, dropLast: true).map(Array.init) == [[4, 3], [2, 1]])
        #expect(Batches([3, 2, 1, 0], size: 2, dropLast: true).map(Array.init) == [[3, 2], [1, 0]])
        #expect(Batches([1, 0], size: 5).map(Array.init) == [[1, 0]])
        #expect(Batches([1, 0], size: 5, dropLast: true).isEmpty)
        #expect(Batches([], size: 5).isEmpty)
        #expect(Batches([1, 0], size: .max).map(Array.init) == [[1, 0]])
        #expect(Batches([1, 0], size: .max, dropLast: true).isEmpty)
    }

    @Test func aBatchIsReachedByItsPosition() {
        let batches = Batches(Array(0..<10), size: 3)
        #expect(batches.count == 4)
        #expect(Array(batches[2]) == [6, 7, 8])
        #expect(batches.dropFirst(3).map(Array.init) == [[9]])
    }
}
