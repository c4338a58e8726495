import CKernels
import EspalierGraph
import EspalierTestSupport
import Testing

@testable import EspalierEngine

extension EngineTests {
    /// Programs that reduce along rows and go on with what they found.
    @Suite struct RowProgramTests {
        private static let engines = [1, 3, 4].map { Engine(threads: $0) }

        private static func leaf(_ name: String, _ shape: Shape) -> Tensor {
            var random = RandomStream(seed: 3, name, shape)
            return Tensor((0..<shape.count).map { _ in Float(random.uniform() * 4 - 2) }, shape)
        }

        static let functions: [(name: String, function: @Sendable ([Tensor]) -> [Tensor])] = [
            ("layer normalization", { [$0[0].standardized(axes: [-1], eps: 1e-3) * $0[1] + $0[1]] }),
            (
                "layer normalization and its gradient",
                { x in
                    let y = x[0].standardized(axes: [-1], eps: 1e-3) * x[1]
                    return [y] + (y * y * x[2]).sum().gradients(by: [x[0], x[1]])
                }
            ),
            (
                "softmax by parts",
                { x in
                    let shares = (x[0] - x[0].max(axes: [-1], keepDimensions: true)).exp()
                    return [shares / shares.sum(axes: [-1], keepDimensions: true)]
                }
            ),
            (
                "values of rows from outside and to outside",
                { x in
                    let least = x[0].min(axes: [-1]), size = least.squared() + x[3]
                    return [least, size, x[0] * size.expanded(at: -1) + x[3].expanded(at: -1)]
                }
            ),
            (
                "dropout of what is normalized",
                { x in
                    let mask = Tensor.randomUniform(x[0].shape, key: Tensor([1, 2] as [Int32], [2])) .< 0.75
                    let y = Tensor.select(mask, x[0], 0)
                    return [y - y.mean(axes: [-1], keepDimensions: true)]
                }
            ),
            (
                "a row's number",
                { x in
                    let number = Tensor.iota([x[0].shape[0]]).cast(to: .float32)
                    return [x[0] * (number + x[0].sum(axes: [-1])).expanded(at: -1)]
                }
            ),
        ]

        @Test(
            arguments: functions.indices,
            [[7, 2], [3, 5], [40, 17], [33, 256], [3, 512], [9, 700], [2, 2048], [300, 90]])
        func agreesWithTheReference(index: Int, extents: [Int]) throws {
            let shape = Shape(extents)
            let operands = [
                Self.leaf("x", shape), Self.leaf("scale", [shape[1]]), Self.leaf("weights", shape),
                Self.leaf("rows", [shape[0]]),
            ]
            let tensors = Self.functions[index].function(operands)
            let bound = RoundingBound(tensors, repetitions: 1)
            var first: [[Float]]?
            for engine in Self.engines {
                let computed = try engine.evaluate(tensors)
                for (result, values) in computed.enumerated() {
                    #expect(bound.disagreement(result, values.map(Double.init)) == nil, "result \(result)")
                }
                #expect(computed == first ?? computed, "\(engine.threads) threads change bits")
                first = first ?? computed
            }
        }

        @Test func layerNormalizationIsOnePass() throws {
            let x = Tensor.input("x", [64, 256]), gamma = Tensor.input("gamma", [256])
            let y = (x + 1).standardized(axes: [-1], eps: 1e-5) * gamma
            let forward = try Plan(Computation(inputs: [x, gamma], outputs: [y]))
            #expect(forward.kernelCount == 1)
            let g = Tensor.input("g", [64, 256])
            let gradient = Tensor.pullback([y], cotangents: [g], by: [x])[0]
            let backward = try Plan(Computation(inputs: [x, gamma, g], outputs: [y, gradient]))
            #expect(backward.kernelCount == 1, "\(backward)")
        }

        /// A row that is too long is reduced first and read again, as other axes are.
        @Test func longRowsAreReadAgain() throws {
            let x = Tensor.input("x", [4, Int(espalier_max_row) + 1])
            let plan = try Plan(Computation(inputs: [x], outputs: [x - x.mean(axes: [-1], keepDimensions: true)]))
            #expect(plan.kernels.allSatisfy { !$0.isByRow })
            let columns = try Plan(Computation(inputs: [x], outputs: [x - x.mean(axes: [0], keepDimensions: true)]))
            #expect(columns.kernels.allSatisfy { !$0.isByRow })
        }
    }
}
