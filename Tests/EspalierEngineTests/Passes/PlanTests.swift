import EspalierGraph
import EspalierTestSupport
import Testing

@testable import EspalierEngine

/// What becomes one kernel, what is stored, and where it lies.
@Suite struct PlanTests {
    private static func state(_ shape: Shape) -> Tensor { Tensor(Storage(count: shape.count), shape) }

    @Test func adamIsOneKernelInPlace() throws {
        let parameter = Self.state([1000]), gradient = Self.state([1000]), m = Self.state([1000]),
            v = Self.state([1000])
        let rate = Self.state([]), step = Self.state([])
        let newM = m * 0.9 + gradient * 0.1, newV = v * 0.999 + gradient.squared() * 0.001
        let corrected = newM / (1 - Tensor(0.9).power(step)) / ((newV / (1 - Tensor(0.999).power(step))).sqrt() + 1e-8)
        let updates: [Computation.Update] = [
            .init(m, newM), .init(v, newV), .init(parameter, parameter - rate * corrected),
        ]
        let plan = try Plan(Computation(outputs: [], updates: updates))
        let large = plan.kernels.filter { $0.nodes[0].domain == [1000] }
        #expect(large.count == 1, "\(plan)")
        #expect(plan.placements.copied.isEmpty)
        #expect(plan.memory.buffers.values.allSatisfy { $0.node.type.shape.count == 1 })
    }

    @Test func rangesOfOneStateAreUpdatedInPlace() throws {
        let flat = Self.state([50]), gradient = Self.state([50])
        let parts = [0..<20, 20..<50].map { range in
            flat.slice(range) * (range.lowerBound == 0 ? 0.9 : 1) - gradient.slice(range) * 0.1
        }
        let plan = try Plan(Computation(outputs: [], updates: [.init(flat, .concatenate(parts))]))
        #expect(plan.kernelCount == 2, "\(plan)")
        #expect(plan.arenaBytes == 0 && plan.placements.copied.isEmpty)
    }

    @Test func denseLayerIsOneKernel() throws {
        let x = Self.state([8, 4]), w = Self.state([5, 4]), b = Self.state([5])
        let layer = (x.matmul(w, transposeSecond: true) + b).relu()
        #expect(try Plan(Computation(outputs: [layer])).kernelCount == 1)
        // The sum is read elsewhere too, so it must exist.
        let sum = x.matmul(w, transposeSecond: true) + b
        #expect(try Plan(Computation(outputs: [sum.relu(), sum])).kernelCount == 2)
    }

    /// Drawing again would take longer than writing what was drawn and reading it: one tensor of it is stored.
    @Test func dropoutStoresItsMaskOnce() throws {
        let x = Self.state([64, 32]), w = Self.state([32, 16]), key = Tensor(Storage(count: 2), [2], .int32)
        let mask = Tensor.randomUniform([64, 32], key: key) .>= 0.5
        let dropped = x * Tensor.select(mask, 2, 0)
        let loss = dropped.matmul(w).squared().sum()
        let plan = try Plan(Computation(outputs: loss.gradients(by: [x, w])))
        let buffers = plan.memory.buffers.keys.filter { $0.type.shape == [64, 32] }
        let masks = buffers.filter { $0.isGenerator || $0.primitive is Select || $0.type.dtype == .bool }
        #expect(masks.count == 1, "\(plan)")
    }

    /// A rectifier's derivative follows from its result, which is stored for the next layer anyway.
    @Test func maskOfTheRectifierIsNotStored() throws {
        let x = Self.state([64, 32]), scale = Self.state([32]), w = Self.state([32, 16])
        let loss = (x * scale).relu().matmul(w).squared().sum()
        let plan = try Plan(Computation(outputs: loss.gradients(by: [x, scale, w])))
        #expect(plan.memory.buffers.keys.allSatisfy { $0.type.dtype == .float32 }, "\(plan)")
    }

    @Test func normalisationTakesThreePasses() throws {
        let x = Self.state([64, 32]), scale = Self.state([32]), shift = Self.state([32])
        let mean = x.mean(axes: [0]), variance = x.variance(axes: [0])
        let plan = try Plan(Computation(outputs: [((x - mean) * (variance + 1e-5).rsqrt() * scale + shift).relu()]))
        #expect(plan.kernels.count { $0.nodes[0].domain == [64, 32] } == 3, "\(plan)")
    }

    /// Backward too: what was normalised and its cotangent are read twice, the ReLU's result and mask never.
    @Test func gradientOfNormalisationReadsTwoTensors() throws {
        let x = Self.state([64, 32]), scale = Self.state([32]), shift = Self.state([32]), g = Self.state([64, 32])
        let y = (x.standardized(axes: [0], eps: 1e-5) * scale + shift).relu()
        let gradients = Tensor.pullback([y], cotangents: [g], by: [x, scale, shift])
        let plan = try Plan(Computation(outputs: [y] + gradients))
        let large = plan.kernels.filter { $0.nodes[0].domain == [64, 32] }
        #expect(large.count == 4, "\(plan)")
        let read = large.flatMap { kernel in
            kernel.nodes.flatMap { plan.dependencies.reads[$0]!.map(\.base) }.filter { !kernel.nodes.contains($0) }
        }
        #expect(Set(read.filter { $0.type.shape == [64, 32] }) == [x.node, g.node], "\(plan)")
    }

    @Test func buffersThatLiveTogetherDoNotOverlap() throws {
        var largestRatio = 0.0
        for seed in 0..<500 as Range<UInt64> {
            let plan = try Plan(RandomGraph(seed: seed, steps: 40).computation)
            let buffers = Array(plan.memory.buffers.values)
            for (index, first) in buffers.enumerated() {
                #expect(first.offset + first.elements <= plan.memory.elements)
                for second in buffers[(index + 1)...] where first.first <= second.last && second.first <= first.last {
                    let apart =
                        first.offset + first.elements <= second.offset
                        || second.offset + second.elements <= first.offset
                    #expect(apart, "seed \(seed): \(first), \(second)")
                }
            }
            #expect(plan.memory.elements >= plan.memory.lowerBound)
            if plan.memory.lowerBound > 0 {
                largestRatio = max(largestRatio, Double(plan.memory.elements) / Double(plan.memory.lowerBound))
            }
        }
        #expect(largestRatio <= 1.5)
    }

    /// A buffer is written before it is read, and nothing that is read is missing.
    @Test func kernelsComeAfterWhatTheyRead() throws {
        for seed in 0..<500 as Range<UInt64> {
            let plan = try Plan(RandomGraph(seed: seed, steps: 40).computation)
            var written = Set<Node>()
            for kernel in plan.kernels {
                for view in kernel.nodes.flatMap({ plan.dependencies.reads[$0]! })
                where !kernel.nodes.contains(view.base) {
                    let isGiven = view.base.primitive is Leaf || view.base.primitive is Constant
                    #expect(isGiven || written.contains(view.base), "seed \(seed)")
                }
                written.formUnion(kernel.stored)
            }
        }
    }
}
