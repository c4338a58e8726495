import EspalierGraph
import EspalierTestSupport
import Testing

@testable import EspalierEngine

extension EngineTests {
    /// Convolutions of 3 x 3, which Winograd's algorithm computes where channels come in sixteens and tiles are many.
    @Suite struct WinogradTests {
        struct Sizes: CustomStringConvertible {
            var samples = 24, height = 16, width = 16, inputs = 16, outputs = 32
            var before = [1, 1], after = [1, 1]

            var description: String {
                "\(samples) x \(height) x \(width), \(inputs) to \(outputs), padding \(before) to \(after)"
            }
        }

        static let sizes: [Sizes] = [
            Sizes(),
            Sizes(samples: 31, height: 13, width: 15, inputs: 48, outputs: 16),
            Sizes(samples: 100, height: 6, width: 9, inputs: 16, outputs: 16, before: [0, 2], after: [2, 0]),
            Sizes(samples: 1, height: 17, width: 22, inputs: 32, outputs: 48, before: [0, 0], after: [0, 0]),
        ]

        /// Result and both gradients are what a sum in double precision gives.
        ///
        /// A value differs from it by up to 10^-5 of the largest: 84 units in the last place, where one sum of 432
        /// products after the other differs by some 30.
        @Test(arguments: sizes) func agreesWithDirectSums(_ sizes: Sizes) throws {
            let convolved = Convolved(sizes)
            for threads in [1, 3] {
                for (result, exact) in zip(try convolved.computed(threads: threads), convolved.exact) {
                    let scale = exact.map(abs).max()!
                    let worst = zip(result, exact).map { abs(Double($0) - $1) }.max()!
                    #expect(worst <= 1e-5 * scale, "\(threads) threads")
                }
            }
        }

        /// Blocks of tiles, and the chunks that gradients are summed in, are cut by sizes alone.
        @Test func bitsDoNotDependOnThreads() throws {
            let convolved = Convolved(Self.sizes[1])
            let expected = try convolved.computed(threads: 1)
            for threads in [2, 4] {
                for (result, expected) in zip(try convolved.computed(threads: threads), expected) {
                    #expect(result.map(\.bitPattern) == expected.map(\.bitPattern))
                }
            }
        }
    }
}

/// A convolution with bias and ReLU, and its gradients for cotangents of one.
private struct Convolved {
    let x, weight, bias: Tensor
    let results: [Tensor]
    let exact: [[Double]]

    init(_ sizes: EngineTests.WinogradTests.Sizes) {
        var random = RandomStream(seed: 1, "\(sizes)")
        func drawn(_ shape: Shape) -> Tensor {
            Tensor((0..<shape.count).map { _ in Float(random.normal()) }, shape)
        }
        x = drawn([sizes.samples, sizes.inputs, sizes.height, sizes.width])
        weight = drawn([sizes.outputs, sizes.inputs, 3, 3])
        bias = drawn([sizes.outputs, 1, 1])
        let geometry = ConvolutionGeometry(rank: 2, before: sizes.before, after: sizes.after)
        let y = (x.convolved(with: weight, geometry) + bias).relu()
        let cotangent = drawn(y.shape)
        results = [y] + Tensor.pullback([y], cotangents: [cotangent], by: [x, weight])
        exact = Reference.evaluate(results).map(\.values)
    }

    func computed(threads: Int) throws -> [[Float]] {
        let executable = try Engine(threads: threads).compile(Computation(outputs: results))
        try executable.run()
        return results.indices.map { Array(executable.output($0)) }
    }
}
