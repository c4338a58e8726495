import EspalierGraph
import Testing

@testable import EspalierEngine

extension EngineTests {
    /// What is recomputed means the same, bit for bit, and takes less memory.
    @Suite struct RecomputationTests {
        /// A deep net of blocks, each with two products, dropout, and a sum with what came in.
        private static func step(recomputed: Bool, depth: Int = 12, width: Int = 32, batch: Int = 64) -> Computation {
            let key = Tensor([3, 4] as [Int32], [2])
            func weights(_ seed: Int32) -> Tensor {
                let uniform = Tensor.randomUniform([width, width], key: Tensor([seed, 1] as [Int32], [2]))
                return try! ((uniform - 0.5) * 0.5).evaluated()
            }
            let parameters = (0..<2 * depth).map { weights(Int32($0)) }
            var x = Tensor.randomUniform([batch, width], key: key) - 0.5
            for block in 0..<depth {
                func body(_ x: Tensor) -> Tensor {
                    let h = x.matmul(parameters[2 * block], transposeSecond: true).tanh()
                    let mask = Tensor.randomUniform(h.shape, key: key, stream: UInt32(block)) .< 0.8
                    return x + Tensor.select(mask, h, 0).matmul(parameters[2 * block + 1]).sigmoid()
                }
                x = recomputed ? x.recomputed(body) : body(x)
            }
            let loss = x.squared().mean()
            return Computation(outputs: [loss] + loss.gradients(by: parameters))
        }

        @Test(arguments: [1, 4]) func bitsAreTheSameAndThePeakFalls(threads: Int) throws {
            let engine = Engine(threads: threads)
            let kept = try engine.compile(Self.step(recomputed: false))
            let recomputed = try engine.compile(Self.step(recomputed: true))
            try kept.run()
            try recomputed.run()
            for index in kept.plan.computation.outputs.indices {
                let first = kept.output(index).map(\.bitPattern), second = recomputed.output(index).map(\.bitPattern)
                #expect(first == second, "output \(index)")
            }
            // A block keeps some four results of the size of its input; recomputed, one.
            #expect(Double(recomputed.plan.arenaBytes) < 0.6 * Double(kept.plan.arenaBytes))
            let products = { (plan: Plan) in plan.kernels.count { $0.nodes[0].primitive is MatrixMultiply } }
            #expect(products(kept.plan) == 6 * 12 - 1)
            #expect(products(recomputed.plan) > products(kept.plan))
        }

        /// Recomputing begins once the derivative has come so far, not before.
        @Test func theSecondTimeComesAfterTheFirst() throws {
            let x = Tensor.input("x", [8, 8]), w = Tensor(Storage(count: 64), [8, 8])
            let y = x.recomputed { $0.matmul(w).exp().matmul(w) }.recomputed { $0.matmul(w).exp().matmul(w) }
            let loss = y.squared().sum()
            let plan = try Plan(Computation(inputs: [x], outputs: [loss] + loss.gradients(by: [x])))
            let exponentials = plan.kernels.indices.filter { index in
                plan.kernels[index].nodes.contains { ($0.primitive as? Unary)?.operation == .exponential }
            }
            let end = plan.kernels.firstIndex { $0.nodes.contains { $0.primitive is Reduce } }!
            #expect(exponentials.count == 4)
            #expect(exponentials.filter { $0 > end }.count == 2)
        }

        @Test func nothingIsRecomputedWithoutADerivative() throws {
            let x = Tensor.input("x", [8, 8])
            let plan = try Plan(Computation(inputs: [x], outputs: [x.recomputed { $0.exp().sin() }]))
            #expect(plan.kernels.count == 1)
        }
    }
}
