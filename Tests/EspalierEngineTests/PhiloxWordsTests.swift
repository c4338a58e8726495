import CKernels
import EspalierGraph
import Testing

/// The kernels' random words, against the definition.
@Suite struct PhiloxWordsTests {
    /// The known answers that Random123 publishes for philox4x32-10.
    @Test func definitionGivesTheKnownAnswers() {
        let pi = Philox.block(
            counter: [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344], key: [0xA409_3822, 0x299F_31D0])
        #expect(pi == [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1])
        let ones = Philox.block(counter: .init(repeating: .max), key: .init(repeating: .max))
        #expect(ones == [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD])
        #expect(
            words(from: 0, count: 4, stream: 0, key: [0, 0]) == [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8])
    }

    @Test func wordsFollowTheDefinitionForEveryAlignment() {
        let key = SIMD2<UInt32>(0xFFFF_FFFF, 0x8000_0001)
        for start in [0, 61, 0x3_FFFF_FFFF - 70] {
            for skipped in 0..<8 {
                for count in [0, 1, 2, 3, 4, 5, 63, 64, 65, 130, 257] {
                    expectDefinition(from: start + skipped, count: count, stream: 3, key: key)
                }
            }
        }
    }

    @Test func wordsFollowTheDefinitionForRandomArguments() {
        var random = RandomStream(seed: 1, "words")
        for _ in 0..<300 {
            expectDefinition(
                from: Int.random(in: 0...(1 << Int.random(in: 1...61, using: &random)), using: &random),
                count: Int.random(in: 0...700, using: &random), stream: random.next(),
                key: SIMD2(random.next(), random.next()))
        }
    }

    @Test func uniformNumbersAreTheWordsUpper24Bits() {
        var outputs = [Float](repeating: -1, count: 1001)
        espalier_philox_uniform(&outputs, 7, outputs.count, 5, 11, 13)
        #expect(outputs == words(from: 7, count: 1001, stream: 5, key: [11, 13]).map(Philox.uniform))
    }

    private func expectDefinition(from start: Int, count: Int, stream: UInt32, key: SIMD2<UInt32>) {
        let expected = (0..<count).map { Philox.word(start + $0, stream: stream, key: key) }
        #expect(
            words(from: start, count: count, stream: stream, key: key) == expected,
            "\(count) words from \(start) of stream \(stream) under \(key)")
    }

    /// The kernel's words; nothing may be written beside them.
    private func words(from start: Int, count: Int, stream: UInt32, key: SIMD2<UInt32>) -> [UInt32] {
        let guardWord: UInt32 = 0xDEAD_BEEF
        var output = [UInt32](repeating: guardWord, count: count + 2)
        output.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress {
                espalier_philox_words(base + 1, start, count, stream, key[0], key[1])
            }
        }
        #expect(output.first == guardWord && output.last == guardWord)
        return Array(output.dropFirst().dropLast())
    }
}
