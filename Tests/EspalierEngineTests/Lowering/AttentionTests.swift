import EspalierGraph
import EspalierTestSupport
import Testing

@testable import EspalierEngine

extension EngineTests {
    /// The kernels of attention against the reference, at sizes that do not fit their blocks.
    @Suite struct AttentionTests {
        struct Sizes: Sendable {
            var batches = 1, heads = 2
            var queries: Int, keys: Int, width: Int, valueWidth: Int
            var isCausal = false
            var masking = ScaledDotProductAttention.Masking.none
        }

        private static let sizes: [Sizes] = [
            Sizes(queries: 1, keys: 1, width: 1, valueWidth: 1), Sizes(queries: 1, keys: 67, width: 5, valueWidth: 18),
            Sizes(queries: 33, keys: 65, width: 7, valueWidth: 17),
            Sizes(batches: 3, heads: 1, queries: 40, keys: 66, width: 16, valueWidth: 4, masking: .lengths),
            Sizes(queries: 70, keys: 70, width: 9, valueWidth: 33, isCausal: true),
            Sizes(queries: 35, keys: 130, width: 3, valueWidth: 2, isCausal: true, masking: .additive),
            Sizes(
                batches: 2, heads: 3, queries: 96, keys: 37, width: 4, valueWidth: 6, isCausal: true, masking: .lengths),
            Sizes(batches: 2, heads: 2, queries: 50, keys: 71, width: 6, valueWidth: 6, masking: .additive),
        ]
        private static let engines = [1, 2, 3, 4].map { Engine(threads: $0) }

        /// Operands, output and gradients of the sum of squares.
        private static func graph(_ sizes: Sizes) -> [Tensor] {
            var random = RandomStream(seed: 7, "attention", sizes.queries, sizes.keys)
            func leaf(_ shape: Shape) -> Tensor {
                Tensor((0..<shape.count).map { _ in Float(random.uniform() * 4 - 2) }, shape)
            }
            let lead = [sizes.batches, sizes.heads]
            let q = leaf(Shape(lead + [sizes.queries, sizes.width])), k = leaf(Shape(lead + [sizes.keys, sizes.width]))
            let v = leaf(Shape(lead + [sizes.keys, sizes.valueWidth]))
            var mask = Tensor.AttentionMask.none
            switch sizes.masking {
            case .none: break
            case .additive:
                let shape = Shape([sizes.batches, 1, sizes.queries, sizes.keys])
                // A tenth of the keys, and all keys of every seventh query, are hidden.
                let values = (0..<shape.count).map { index -> Float in
                    let isHidden = index / sizes.keys % 7 == 3 || random.uniform() < 0.1
                    return isHidden ? -.infinity : Float(random.uniform())
                }
                mask = .additive(Tensor(values, shape))
            case .lengths:
                mask = .lengths(Tensor((0..<sizes.batches).map { Float($0 * 33) }, [sizes.batches]))
            }
            let output = Tensor.attention(q, k, v, mask: mask, isCausal: sizes.isCausal)
            return [output] + output.squared().sum().gradients(by: [q, k, v])
        }

        @Test(arguments: sizes.indices) func agreesWithTheReference(index: Int) throws {
            let tensors = Self.graph(Self.sizes[index])
            let bound = RoundingBound(tensors)
            var first: [[Float]]?
            for engine in Self.engines {
                let computed = try engine.evaluate(tensors)
                for (index, values) in computed.enumerated() {
                    let problem = bound.disagreement(index, values.map(Double.init))
                    #expect(problem == nil, "result \(index), \(engine.threads) threads")
                }
                #expect(computed == first ?? computed, "\(engine.threads) threads change bits")
                first = first ?? computed
            }
        }

        /// Large enough that all threads take part.
        @Test func threadsDoNotChangeBits() throws {
            var random = RandomStream(seed: 1, "threads")
            let shape: Shape = [3, 100, 3, 5, 24]
            let x = Tensor((0..<shape.count).map { _ in Float(random.uniform() * 2 - 1) }, shape)
            let y = Tensor.selfAttention(x, isCausal: true)
            let tensors = [y] + y.squared().sum().gradients(by: [x])
            let expected = try Self.engines[0].evaluate(tensors)
            for engine in Self.engines.dropFirst() { #expect(try engine.evaluate(tensors) == expected) }
        }

        @Test func aQueryThatSeesNothingGetsZeros() throws {
            let x = Tensor((0..<48).map { Float($0 % 7) - 3 }, [2, 4, 3, 1, 2])
            let y = Tensor.selfAttention(x, mask: .lengths(Tensor([0, 4] as [Float], [2])))
            let gradient = y.squared().sum().gradients(by: [x])[0]
            let results = try Self.engines[0].evaluate([y, gradient])
            #expect(results[0].prefix(8).allSatisfy { $0 == 0 } && results[0].suffix(8).contains { $0 != 0 })
            #expect(results[1].prefix(24).allSatisfy { $0 == 0 } && results[1].allSatisfy { $0.isFinite })
        }

        /// Forward and backward are one kernel each, between products: nothing is copied, padded or kept but once.
        @Test func theStepFromProjectionToProjectionCopiesNothing() throws {
            let x = Tensor.input("x", [64, 12]), projection = Tensor.input("w", [36, 12])
            let out = Tensor.input("out", [12, 12])
            let parts = x.matmul(projection, transposeSecond: true).reshaped(to: [2, 32, 3, 3, 4])
            let y = Tensor.selfAttention(parts, isCausal: true).reshaped(to: [64, 12])
                .matmul(out, transposeSecond: true)
            let gradients = y.squared().sum().gradients(by: [projection, out])
            let plan = try Plan(Computation(inputs: [x, projection, out], outputs: gradients))
            let names = plan.kernels.map { $0.nodes[0].primitive.description }
            #expect(names.count { $0.contains("attention") } == 2)
            #expect(!names.contains { $0.hasPrefix("pad") || $0 == "copy" || $0.hasPrefix("concatenate") }, "\(names)")
        }

        /// Twice the length takes twice the memory, scratch included.
        @Test func memoryGrowsWithTheLength() throws {
            func bytes(_ length: Int) throws -> Int {
                let x = Tensor.input("x", [1, length, 3, 2, 16])
                let gradient = Tensor.selfAttention(x, isCausal: true).squared().sum().gradients(by: [x])
                return try Self.engines[3].compile(Computation(inputs: [x], outputs: gradient)).bytes
            }
            let short = try bytes(1000), long = try bytes(2000)
            #expect(long < short * 21 / 10)
        }

        @Test func whatIsNotANumberStaysVisible() throws {
            var values = (0..<36).map { Float($0 % 5) }
            values[2] = .nan
            let y = try Self.engines[0].evaluate([.selfAttention(Tensor(values, [1, 6, 3, 1, 2]))])[0]
            #expect(y.allSatisfy { $0.isNaN })
        }
    }
}
