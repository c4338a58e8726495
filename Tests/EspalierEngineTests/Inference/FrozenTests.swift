import EspalierGraph
import EspalierTestSupport
import Testing

@testable import EspalierEngine

extension EngineTests {
    /// Computations with the values of their leaves put in.
    @Suite struct FrozenTests {
        private static let engine = Engine(threads: 2)

        private static func data(_ shape: Shape, _ random: inout RandomStream) -> Tensor {
            Tensor((0..<shape.count).map { _ in Float(random.normal()) }, shape)
        }

        /// Before and after, on the same input.
        private static func compared(
            _ x: Tensor, _ y: Tensor, _ random: inout RandomStream
        ) throws -> (plain: [Float], frozen: [Float], plan: Plan) {
            let computation = Computation(inputs: [x], outputs: [y])
            let frozen = try engine.compile(computation.frozen(on: engine))
            let plain = try engine.compile(computation)
            for index in 0..<x.count {
                let value = Float(random.normal())
                plain.input(0).floats[index] = value
                frozen.input(0).floats[index] = value
            }
            try plain.run()
            try frozen.run()
            return (Array(plain.output(0)), Array(frozen.output(0)), frozen.plan)
        }

        private static func isClose(_ first: [Float], _ second: [Float]) -> Bool {
            let size = first.reduce(1) { max($0, abs($1)) }
            return first.count == second.count && zip(first, second).allSatisfy { abs($0 - $1) <= 2e-5 * size }
        }

        /// Inference of a batch normalisation of the axis 1.
        private static func normalized(_ x: Tensor, _ random: inout RandomStream) -> Tensor {
            let channels = x.shape[1], trailing = [Int](repeating: 1, count: x.rank - 2)
            func perChannel(_ tensor: Tensor) -> Tensor { tensor.reshaped(to: Shape([1, channels] + trailing)) }
            let variance = data([channels], &random).squared() + 0.1
            let centred = (x - perChannel(data([channels], &random))) * perChannel(variance.rsqrt())
            return centred * perChannel(data([channels], &random)) + perChannel(data([channels], &random))
        }

        @Test(arguments: [1, 3]) func aNormalizationIsFoldedIntoTheProductBeforeIt(batch: Int) throws {
            var random = RandomStream(seed: 1, "frozen")
            let x = Tensor.input("x", [batch, 5]), weight = Self.data([7, 5], &random)
            let product = x.matmul(weight, transposeSecond: true) + Self.data([7], &random)
            let y = Self.normalized(product, &random).relu()
            let result = try Self.compared(x, y, &random)
            #expect(Self.isClose(result.plain, result.frozen))
            #expect(result.plan.kernelCount == 1, "\(result.plan)")
        }

        @Test(arguments: [1, 2]) func aNormalizationIsFoldedIntoTheConvolutionBeforeIt(groups: Int) throws {
            var random = RandomStream(seed: 2, "frozen")
            let x = Tensor.input("x", [2, 4, 5, 5]), weight = Self.data(Shape([6, 4 / groups, 3, 3]), &random)
            let geometry = ConvolutionGeometry(
                rank: 2, stride: [1, 1], before: [1, 1], after: [1, 1], dilation: [1, 1], groups: groups)
            let convolved = x.convolved(with: weight, geometry)
            let result = try Self.compared(x, Self.normalized(convolved, &random).relu(), &random)
            #expect(Self.isClose(result.plain, result.frozen))
            let alone = try Self.compared(x, (convolved + Self.data([6, 1, 1], &random)).relu(), &random)
            #expect(result.plan.operations == alone.plan.operations, "\(result.plan)")
        }

        /// What another node reads is needed as it was, so nothing may be folded into it.
        @Test func aProductThatIsReadTwiceIsLeftAlone() throws {
            var random = RandomStream(seed: 3, "frozen")
            let x = Tensor.input("x", [3, 5])
            let product = x.matmul(Self.data([5, 6], &random))
            let result = try Self.compared(x, product * Self.data([6], &random) + product, &random)
            #expect(Self.isClose(result.plain, result.frozen))
            let products = result.plan.kernels.flatMap(\.nodes).count { $0.primitive is MatrixMultiply }
            #expect(products == 1)
        }

        /// Factors and sums of channels, other ones, changed orders of axes and shapes, in any order.
        @Test(arguments: 0..<200 as Range<UInt64>) func anyChainKeepsItsMeaning(seed: UInt64) throws {
            var random = RandomStream(seed: seed, "chain")
            func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }
            let rows = 1 + below(4), inner = 1 + below(4), channels = 1 + below(5)
            let x = Tensor.input("x", [rows, inner, 3])
            let isTransposed = below(2) == 0
            let weight = Self.data(isTransposed ? [channels, 3] : [3, channels], &random)
            var y = x.reshaped(to: [rows * inner, 3]).matmul(weight, transposeSecond: isTransposed)
            for _ in 0..<1 + below(8) {
                let axis = below(y.rank)
                var extents = [Int](repeating: 1, count: y.rank)
                extents[axis] = y.shape[axis]
                let number = Self.data(below(6) == 0 ? [] : Shape(extents), &random)
                switch below(9) {
                case 0: y = y + number
                case 1: y = number + y
                case 2: y = y - number
                case 3: y = number - y
                case 4, 5: y = y * number
                case 6: y = y / (number.squared() + 0.5)
                case 7: y = y.transposed(Array((0..<y.rank).shuffled(using: &random)))
                default:
                    let (first, rest) = (y.shape[0], y.count / y.shape[0])
                    y = y.reshaped(to: y.rank == 2 ? [first, 1, rest] : [first, rest])
                }
            }
            let result = try Self.compared(x, y, &random)
            #expect(Self.isClose(result.plain, result.frozen), "\(y)")
        }

        @Test func valuesAreThoseOfTheMomentAndDrawsStayRandom() throws {
            let memory = Storage(count: 4), key = Storage(count: 2)
            memory.floats.update(repeating: 2)
            let x = Tensor.input("x", [4])
            let draw = Tensor.randomUniform([4], key: Tensor(key, [2], .int32))
            let weight = Tensor(memory, [4])
            let computation = Computation(inputs: [x], outputs: [x * weight.squared(), draw, weight])
            let frozen = try Self.engine.compile(computation.frozen(on: Self.engine))
            memory.floats.update(repeating: 3)
            frozen.input(0).floats.update(repeating: 1)
            try frozen.run()
            let first = Array(frozen.output(1))
            key.integers[0] = 1
            try frozen.run()
            #expect(Array(frozen.output(0)) == [4, 4, 4, 4])
            #expect(Array(frozen.output(2)) == [2, 2, 2, 2])
            #expect(Array(frozen.output(1)) != first)
        }

        /// Random graphs, of whose leaves one after the other becomes an input.
        @Test(arguments: 0..<300 as Range<UInt64>) func randomGraphsKeepTheirMeaning(seed: UInt64) throws {
            let graph = RandomGraph(seed: seed)
            let outputs = graph.computation.outputs
            let leaves = Tensor.topologicalOrder(of: outputs.map(\.node))
                .filter { $0.leaf != nil && $0.type.dtype == .float32 }
            let plain = try Self.engine.compile(Computation(outputs: outputs))
            try plain.run()
            for chosen in leaves {
                let computation = Computation(of: outputs, leaves: [chosen])
                let frozen = try Self.engine.compile(computation.frozen(on: Self.engine))
                let values = chosen.leaf!.storage!.floats
                _ = frozen.input(0).floats.update(fromContentsOf: values)
                try frozen.run()
                for index in outputs.indices {
                    let expected = plain.output(index), found = frozen.output(index)
                    let isEqual = zip(expected, found).allSatisfy { a, b in
                        a.bitPattern == b.bitPattern || !a.isFinite || abs(a - b) <= 1e-3 * max(1, abs(a))
                    }
                    #expect(isEqual, "seed \(seed), output \(index), leaf \(chosen)")
                }
            }
        }
    }
}
