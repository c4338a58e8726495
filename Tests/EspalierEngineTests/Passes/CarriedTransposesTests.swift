import EspalierGraph
import EspalierTestSupport
import Testing

@testable import EspalierEngine

/// What lies between convolutions is computed channels last, as they are, and nothing is copied on the way.
@Suite struct CarriedTransposesTests {
    private static func state(_ shape: Shape) -> Tensor { Tensor(Storage(count: shape.count), shape) }

    private static func copies(_ plan: Plan) -> [Node] {
        plan.kernels.flatMap(\.nodes).filter { $0.primitive is Copy }
    }

    private static func normalized(_ x: Tensor, _ scale: Tensor, _ shift: Tensor) -> Tensor {
        let shape = Shape([1, x.shape[1]] + [Int](repeating: 1, count: x.rank - 2))
        return x.standardized(axes: [0] + Array(2..<x.rank), eps: 1e-5) * scale.reshaped(to: shape)
            + shift.reshaped(to: shape)
    }

    /// A training step of convolution, normalisation, ReLU, convolution, normalisation, sum, ReLU, pooling.
    private static func step(_ spatial: [Int], pool: (Tensor) -> Tensor) throws -> Plan {
        let axes = spatial.count, ones = [Int](repeating: 1, count: axes)
        let geometry = ConvolutionGeometry(rank: axes, before: ones)
        func weight(_ outputs: Int, _ inputs: Int) -> Tensor { state(Shape([outputs, inputs] + ones.map { _ in 3 })) }
        let x = state(Shape([4, 3] + spatial)), weights = [weight(8, 3), weight(8, 8), state([5, 8])]
        let scales = [state([8]), state([8])], shifts = [state([8]), state([8])]
        let first = normalized(x.convolved(with: weights[0], geometry), scales[0], shifts[0]).relu()
        let second = normalized(first.convolved(with: weights[1], geometry), scales[1], shifts[1])
        let pooled = pool((second + first).relu())
        let features = pooled.mean(axes: Array(2..<pooled.rank))
        let loss = features.matmul(weights[2], transposeSecond: true).squared().mean()
        let parameters = weights + scales + shifts
        let updates = zip(parameters, loss.gradients(by: parameters)).map { Computation.Update($0, $0 - 0.1 * $1) }
        return try Plan(Computation(outputs: [loss], updates: updates))
    }

    @Test(arguments: [[10], [6, 8], [4, 4, 4]])
    func onlyTheInputIsCopied(_ spatial: [Int]) throws {
        let windows = PoolingWindows.sliding(spatial.map { _ in 2 })
        for pool in [{ $0.maximumPooled(windows) }, { $0.averagePooled(windows) }] as [(Tensor) -> Tensor] {
            let plan = try Self.step(spatial, pool: pool)
            // Besides, the cotangent of the last mean is spelled out for the pooling's kernel: one number a channel.
            let expected = [Shape([4] + spatial + [3]), Shape([4] + spatial.map { $0 / 2 } + [8])]
            #expect(Self.copies(plan).map(\.type.shape) == expected, "\(plan)")
            // Five of convolutions, as the input needs no gradient, and two of pooling.
            let signals = plan.kernels.filter { !$0.isTiled && $0.nodes[0].type.shape.rank == spatial.count + 2 }
            #expect(signals.count == 7, "\(plan)")
        }
    }

    /// Forward, each normalisation takes three passes, the last with all that follows; backward, one for the sums and one
    /// for the result.
    @Test func passesOverActivations() throws {
        let plan = try Self.step([6, 8]) { $0.maximumPooled(.sliding([2, 2])) }
        let passes = plan.kernels.filter { $0.isTiled && $0.nodes[0].domain == [4, 6, 8, 8] }
        #expect(passes.count <= 10, "\(passes.count) passes:\n\(plan)")
    }

    @Test func statisticsAreReductionsOverLeadingAxes() throws {
        let x = Self.state([4, 3, 6, 8]), w = Self.state([8, 3, 3, 3])
        let y = x.convolved(with: w, ConvolutionGeometry(rank: 2))
        let plan = try Plan(Computation(outputs: [y.mean(axes: [0, 2, 3])]))
        let reductions = plan.kernels.flatMap(\.nodes).compactMap { ($0.primitive as? Reduce)?.axes }
        #expect(reductions == [[0, 1, 2]], "\(plan)")
    }

    @Test func channelsAreNormalisedByGroupsWithoutCopies() throws {
        let x = Self.state([2, 4, 5, 6]), w = Self.state([6, 4, 1, 1])
        let y = x.convolved(with: w, ConvolutionGeometry(rank: 2))
        let grouped = y.reshaped(to: [2, 3, 2, 5, 6])
        let normal = (grouped - grouped.mean(axes: [2, 3, 4], keepDimensions: true)).reshaped(to: y.shape)
        let z = normal.convolved(with: Self.state([1, 6, 1, 1]), ConvolutionGeometry(rank: 2))
        let plan = try Plan(Computation(outputs: [z]))
        #expect(Self.copies(plan).map(\.type.shape) == [[2, 5, 6, 4]], "\(plan)")
    }

    @Test func whatIsComputedASecondTimeIsNotCopied() throws {
        let geometry = ConvolutionGeometry(rank: 2, before: [1, 1], after: [1, 1])
        let x = Self.state([2, 4, 5, 6]), weights = (0..<4).map { _ in Self.state([4, 4, 3, 3]) }
        let y = x.convolved(with: weights[0], geometry).relu()
        let block = y.recomputed { y in
            y + y.convolved(with: weights[1], geometry).relu().convolved(with: weights[2], geometry)
        }
        let loss = block.relu().convolved(with: weights[3], geometry).squared().mean()
        let plan = try Plan(Computation(outputs: loss.gradients(by: weights)))
        // The input, and each gradient in the order that a parameter has.
        let expected = [[2, 5, 6, 4]] + weights.map(\.shape)
        #expect(Self.copies(plan).map(\.type.shape).sorted { $0.count > $1.count } == expected, "\(plan)")
        let convolutions = plan.kernels.flatMap(\.nodes).filter { $0.primitive is Convolution }
        #expect(convolutions.count == 5, "four, and one of them again:\n\(plan)")
    }

    @Test func otherGraphsAreLeftAlone() throws {
        let x = Self.state([3, 4])
        let roots = [(x.transposed().exp() + x.reshaped(to: [4, 3])).node]
        #expect(!CarriedTransposes.isWorthwhile(roots))
    }

    @Test func meaningIsKept() {
        for seed in 0..<1500 as Range<UInt64> {
            let roots = RandomSignalGraph(seed: seed).outputs
            let carried = Simplify.run(Computation(outputs: roots)).roots
            #expect(carried.map(\.type) == roots.map(\.node.type))
            let bound = RoundingBound(roots, repetitions: 1)
            guard bound.isInRange else { continue }
            let values = Reference.evaluate(carried.map(Tensor.init))
            for index in roots.indices {
                let problem = bound.disagreement(index, values[index].values)
                #expect(problem == nil, "seed \(seed), output \(index): \(problem ?? "")")
            }
        }
    }
}

extension EngineTests {
    /// Networks over spatial axes drawn at random, against the reference and with several threads.
    @Suite struct SignalFuzzTests {
        private static let engines = [1, 3, 4].map { Engine(threads: $0) }

        @Test(arguments: 0..<8)
        func engineAgreesWithReference(block: Int) throws {
            for seed in UInt64(block) * 100..<UInt64(block + 1) * 100 {
                let outputs = RandomSignalGraph(seed: seed).outputs
                let bound = RoundingBound(outputs, seed: seed)
                guard bound.isInRange else { continue }
                let computed = try Self.engines[0].evaluate(outputs)
                for index in outputs.indices {
                    let problem = bound.disagreement(index, computed[index].map(Double.init))
                    #expect(
                        problem == nil,
                        "seed \(seed), output \(index) of\n\(DifferentialFuzzTests.listing(outputs))")
                }
            }
        }

        @Test func largeSignalsDoNotDependOnThreads() throws {
            for (seed, spatial) in [(1, [400]), (2, [24, 18]), (3, [7, 6, 9])] as [(UInt64, [Int])] {
                var random = RandomStream(seed: seed, "signal")
                func leaf(_ shape: Shape) -> Tensor {
                    Tensor((0..<shape.count).map { _ in Float(random.uniform() - 0.5) }, shape)
                }
                let axes = spatial.count
                let x = leaf(Shape([3, 6] + spatial)), w = leaf(Shape([70, 3] + spatial.map { _ in 3 }))
                let y = x.convolved(
                    with: w, ConvolutionGeometry(rank: axes, before: spatial.map { _ in 1 }, groups: 2))
                let windows = PoolingWindows.sliding(
                    spatial.map { _ in 3 }, stride: spatial.map { _ in 2 }, padding: spatial.map { _ in 1 })
                let z = y.maximumPooled(windows) + y.averagePooled(windows)
                let outputs = [z] + z.squared().sum().gradients(by: [x, w])
                let results = try Self.engines.map { try $0.evaluate(outputs) }
                #expect(results[0] == results[1] && results[0] == results[2], "\(spatial)")
            }
        }
    }
}
