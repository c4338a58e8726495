import EspalierEngine
import EspalierGraph
import EspalierSpec
import Testing

@testable import EspalierNN

/// Unit variance on the first batch.
@Suite(.serialized) struct LSUVTests {
    static let x = 3 * Tensor.randomNormal([64, 10], key: RandomKey(seed: 2).tensor) + 1

    /// Deep enough for any other scale to be lost, with a shortcut that no formula knows of.
    static func model() -> Sequential {
        func linear() -> Linear { Linear(10, 10, initializer: LSUV()) }
        return Sequential {
            linear()
            Tanh()
            Residual {
                linear()
                Exponential()
                linear()
            }
            Dropout(p: 0.5)
            BatchNorm(10)
            linear()
        }
    }

    static func variances(_ state: ModelState) throws -> [Float] {
        var outputs: [Tensor] = []
        state.mode = .training
        for call in LayerCall.recording({ state.model(x) }).calls where call.layer is Linear {
            outputs.append(call.output.variance())
        }
        for (_, slot) in state.contents.statistics { _ = slot.takeNext() }
        return try Engine.current.evaluate(outputs).map { $0[0] }
    }

    @Test func everyLayerHasUnitVarianceOnTheBatch() throws {
        let state = try ModelState(Self.model(), seed: 1)
        #expect(try Self.variances(state).contains { abs($0 - 1) > 0.5 })
        #expect(state.awaitsBatch)
        let statistics = Array(state.statistics.storage.floats)
        try state.scaleToUnitVariance(on: Self.x)
        for variance in try Self.variances(state) { #expect(abs(variance - 1) < 0.1) }
        #expect(Array(state.statistics.storage.floats) == statistics)
        // What is orthogonal stays so up to its scale.
        let weight = Array(state.parameters.values("0.weight")!)
        let products = MatrixInitializerTests.products(weight, [10, 10])
        for row in 0..<10 {
            for column in 0..<10 where column != row { #expect(abs(products[row][column]) < 1e-5 * products[row][row]) }
        }
        // Once and for all.
        #expect(!state.awaitsBatch)
        let scaled = Array(state.parameters.storage.floats)
        try state.scaleToUnitVariance(on: 5 * Self.x)
        #expect(Array(state.parameters.storage.floats) == scaled)
    }

    private final class Network: Layer {
        let first = Linear(10, 6, initializer: LSUV(tolerance: 0.01))
        let last = Linear(6, 4, initializer: LSUV(tolerance: 0.01))
        func forward(_ x: Tensor) -> Tensor { last(first(x).tanh()) }
    }

    @Test func modelsThatAreWrittenInCodeToo() throws {
        let model = Network(), state = try ModelState(model, seed: 1)
        try state.scaleToUnitVariance(on: Self.x)
        #expect(abs(try model(Self.x).variance().values()[0] - 1) < 0.01)
        #expect(abs(try model.first(Self.x).variance().values()[0] - 1) < 0.01)
    }

    @Test func convolutionsToo() throws {
        let model = Sequential {
            Conv2d(1, 4, kernelSize: 3, initializer: LSUV(tolerance: 0.01))
            ReLU()
            ConvTransposed2d(4, 2, kernelSize: 2, stride: 2, initializer: LSUV(tolerance: 0.01))
        }
        let state = try ModelState(model, seed: 1)
        let x = 7 * Tensor.randomNormal([8, 1, 6, 6], key: RandomKey(seed: 2).tensor)
        try state.scaleToUnitVariance(on: x)
        #expect(abs(try model(x).variance().values()[0] - 1) < 0.01)
        #expect(model.layers[0].description == "Conv2d(1, 4, kernelSize: 3)")
    }

    @Test func whatCannotBeScaledIsAnError() throws {
        let silent = Sequential { Linear(10, 4, initializer: LSUV()) }
        #expect(throws: EspalierError.self) {
            try ModelState(silent, seed: 1).scaleToUnitVariance(on: .zeros([4, 10]))
        }
        let recurrent = Sequential { LSTM(3, 2, initializer: LSUV()) }
        #expect(throws: EspalierError.self) {
            try ModelState(recurrent, seed: 1).scaleToUnitVariance(on: .ones([4, 5, 3]))
        }
    }
}
