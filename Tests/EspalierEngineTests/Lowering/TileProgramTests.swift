import CKernels
import EspalierGraph
import EspalierTestSupport
import Testing

@testable import EspalierEngine

extension EngineTests {
    /// The interpreter of tile programs on its own: every way in and out, with guarded memory around results.
    @Suite struct TileProgramTests {
        /// Runs with scratch memory of exactly the size asked for, and says whether nothing beyond was touched.
        private static func run(_ program: TileProgram, threads: Int) -> Bool {
            let scratch = GuardedMemory(program.scratchElements(threads: threads))
            program.record.pointee.parallel = 1
            program.useScratch(scratch.pointer, threads: threads)
            espalier_tile_program_run(program.record, Int32(threads))
            return scratch.isIntact
        }

        /// Whole numbers, so that sums are exact in any order.
        private static func operand(_ shape: Shape) -> ReferenceArray {
            ReferenceArray(shape, (0..<shape.count).map { Double(($0 * 7919) % 23 - 11) })
        }

        private static let domains: [Shape] = [
            [1, 1, 1], [1, 5, 1], [300, 3, 1], [7, 129, 1], [3, 1000, 1], [1, 40_001, 1], [1, 3, 255], [1, 300, 3],
            [2, 77, 65], [5, 3, 600], [1, 700, 257], [3, 129, 128],
        ]

        @Test(arguments: domains, [1, 3])
        func reductions(domain: Shape, threads: Int) {
            let x = Tensor(Self.operand(domain)), records = Records()
            let results = (0..<3).map { _ in GuardedMemory(domain[0] * domain[2]) }
            let copy = GuardedMemory(domain.count)
            let source = x.leaf!.storage!.floats.baseAddress!
            var assembler = TileAssembler(domain: domain)
            let slot = assembler.load(source, strides: domain.strides)
            let square = assembler.emit(espalier_square, [slot])
            for (slot, operation, result) in [
                (square, Reduce.Operation.sum, results[0]), (slot, .maximum, results[1]), (slot, .minimum, results[2]),
            ] {
                assembler.reduce(slot, operation, axes: [1], to: result.pointer)
            }
            assembler.store(square, to: copy.pointer)
            #expect(Self.run(assembler.finish(records), threads: threads))
            let expected = Reference.evaluate([
                x.squared().sum(axes: [1]), x.max(axes: [1]), x.min(axes: [1]), x.squared(),
            ])
            for (result, expected) in zip(results + [copy], expected) {
                #expect(result.values.map(Double.init) == expected.values)
                #expect(result.isIntact)
            }
        }

        /// A transposed operand, a row, and one that is contiguous, stored transposed.
        @Test(arguments: [[1, 1], [3, 300], [300, 3], [257, 129], [16, 16]] as [Shape], [1, 3])
        func stridedOperandsAndResults(domain: Shape, threads: Int) {
            let rows = domain[0], columns = domain[1], records = Records()
            let x = Tensor(Self.operand([columns, rows])), row = Tensor(Self.operand([columns]))
            let whole = Tensor(Self.operand(domain)), result = GuardedMemory(domain.count)
            func address(_ tensor: Tensor) -> UnsafeMutablePointer<Float> { tensor.leaf!.storage!.floats.baseAddress! }
            var assembler = TileAssembler(domain: domain)
            let first = assembler.load(address(x), strides: [1, rows])
            let second = assembler.load(address(row), strides: [0, 1])
            let third = assembler.load(address(whole), strides: domain.strides)
            let sum = assembler.emit(espalier_multiply_add, [first, second, third])
            assembler.store(sum, to: result.pointer, strides: [1, rows])
            #expect(Self.run(assembler.finish(records), threads: threads))
            let expected = Reference.evaluate([(x.transposed() * row + whole).transposed(), row])
            #expect(result.values.map(Double.init) == expected[0].values)
            #expect(result.isIntact)
            #expect(row.leaf!.storage!.floats.map(Double.init) == expected[1].values)
        }
    }
}
