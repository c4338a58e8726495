import EspalierEngine
import EspalierGraph
import EspalierSpec
import Testing

@testable import EspalierNN

/// What weight and spectral normalisation do to a weight.
@Suite(.serialized) struct ReparametrizationTests {
    static let x = Tensor.randomNormal([6, 8], key: RandomKey(seed: 9).tensor)

    /// The length starts as that of the weight, so that the layer begins as it would without.
    @Test func weightNormBeginsWithTheLayersOwnWeight() throws {
        let linear = Linear(8, 5)
        let state = try ModelState(try WeightNorm(linear), seed: 3)
        let v = Array(state.parameters.values("parametrizations.weight.original1")!)
        let expected = try Self.x.matmul(Tensor(v, [5, 8]), transposeSecond: true).values()
        for (value, expected) in zip(try state.model(Self.x).values(), expected) {
            #expect(abs(value - expected) < 1e-5)
        }
        // The length of v says nothing, that of g everything.
        for index in v.indices { state.parameters.values("parametrizations.weight.original1")![index] *= 7 }
        state.parameters.values("parametrizations.weight.original0")![2] *= 2
        for (index, value) in try state.model(Self.x).values().enumerated() {
            #expect(abs(value - expected[index] * (index % 5 == 2 ? 2 : 1)) < 1e-5)
        }
    }

    /// Repeated in steps, the power method finds the largest singular value: of orthogonal rows times s, that is s.
    @Test func spectralNormDividesByTheLargestSingularValue() throws {
        let layer = try SpectralNorm(Linear(8, 5, bias: false, initializer: Orthogonal(gain: 3)))
        let state = try ModelState(layer, seed: 3)
        let weight = state.parameters.values("parametrizations.weight.original")!
        for index in 0..<8 { weight[index] *= 4 }
        state.mode = .training
        for _ in 0..<30 {
            _ = layer(Self.x)
            let next = state.statistics.assemble(
                state.contents.statistics.map { $0.slot.takeNext() }, in: 0..<state.statistics.storage.count)
            try Engine.current.compile(Computation(outputs: [], updates: [.init(state.statistics.tensor, next)])).run()
        }
        state.mode = .inference
        let result = try layer(
            Tensor(ReferenceArray([8, 8]) { $0[0] == $0[1] ? 1 : 0 }.values.map { Float($0) }, [8, 8])
        )
        .transposed().values()
        // One row is 12 long, the others 3: divided by 12.
        for (row, line) in MatrixInitializerTests.products(result, [5, 8]).enumerated() {
            for (column, value) in line.enumerated() {
                #expect(abs(value - (row != column ? 0 : row == 0 ? 1 : 1.0 / 16)) < 1e-5)
            }
        }
    }

    /// The first vectors are already near the singular ones: 15 iterations are done when the weight is drawn.
    @Test func spectralNormIsNearFromTheStart() throws {
        let layer = try SpectralNorm(Linear(40, 30, bias: false))
        let state = try ModelState(layer, seed: 3)
        let u = state.statistics.values("parametrizations.weight.0._u")!.map { Double($0) }
        #expect(abs(u.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
        let w = Tensor(Array(state.parameters.values("parametrizations.weight.original")!), [30, 40])
        let gram = w.matmul(w, transposeSecond: true)
        func length(_ vector: Tensor) -> Tensor { vector.squared().sum().sqrt() }
        let first = Tensor(u.map { Float($0) }, [30, 1])
        // u^T W W^T u, against the power method carried on for 200 iterations.
        let last = (0..<200).reduce(first) { vector, _ in gram.matmul(vector) / length(gram.matmul(vector)) }
        let reached = Reference.evaluate([first.matmul(gram.matmul(first), transposeFirst: true).sum()])[0].values[0]
        let largest = Reference.evaluate([length(gram.matmul(last))])[0].values[0]
        #expect(reached <= largest * (1 + 1e-5) && reached > 0.9 * largest)
    }

    @Test func theActivationDecidesTheInitializerInside() throws {
        let model = Sequential {
            try! WeightNorm(Linear(4, 4))
            SELU()
        }
        #expect(
            LayerContents(model).parameters.first { $0.path == "0.parametrizations.weight.original1" }?.slot
                .initializer is LeCunNormal)
    }

    @Test func onlyLayersWithOneWeight() {
        #expect(throws: EspalierError.self) { try WeightNorm(ReLU()) }
        #expect(throws: EspalierError.self) { try SpectralNorm(LSTM(2, 3)) }
        #expect(throws: EspalierError.self) { try WeightNorm(Linear(2, 2, initializer: LSUV())) }
        #expect(throws: EspalierError.self) { try WeightNorm(WeightNorm(Linear(2, 2))) }
    }
}
