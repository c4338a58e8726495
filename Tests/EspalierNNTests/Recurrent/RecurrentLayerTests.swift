import EspalierEngine
import EspalierGraph
import EspalierSpec
import Testing

@testable import EspalierNN

@Suite(.serialized) struct RecurrentLayerTests {
    static let layers: [@Sendable () -> any RecurrentLayer] = [
        { LSTM(3, 4, layers: 2, bidirectional: true) }, { GRU(3, 4, layers: 2, bidirectional: true) },
        { RNN(3, 4, layers: 2, bidirectional: true) },
    ]

    private static func values(_ shape: Shape, _ name: String) -> Tensor {
        var random = RandomStream(seed: 9, name)
        return Tensor((0..<shape.count).map { _ in Float(random.normal()) }, shape)
    }

    @Test func parametersAreNamedAndShapedAsPyTorchs() {
        let names = LayerContents(LSTM(3, 4, layers: 2, bidirectional: true)).parameters
        #expect(
            names.map(\.path)
                == ["_l0", "_l0_reverse", "_l1", "_l1_reverse"].flatMap { suffix in
                    ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map { $0 + suffix }
                })
        #expect(names[0].slot.shape == [16, 3] && names[1].slot.shape == [16, 4] && names[2].slot.shape == [16])
        // The second layer reads both directions of the first.
        #expect(names[8].slot.shape == [16, 8])
        let model = Sequential { GRU(3, 4) }
        #expect(LayerContents(model).parameters.map(\.path).first == "0.weight_ih_l0")
        #expect(LayerContents(model).parameters.map(\.slot.role) == [.weight, .weight, .bias, .bias])
    }

    @Test(arguments: layers.indices) func firstValuesAreUniformWithinOneOverRootOfUnits(index: Int) throws {
        let state = try ModelState(Self.layers[index](), seed: 1)
        for entry in state.parameters.entries {
            let values = try #require(state.parameters.values(entry.path))
            #expect(values.allSatisfy { abs($0) <= 0.5 }, "\(entry.path)")
        }
        let all = state.parameters.storage.floats
        #expect((all.max() ?? 0) > 0.45 && (all.min() ?? 0) < -0.45)
    }

    @Test func anInitializerIsOfTheWeightsAndNoActivationReplacesIt() throws {
        let lstm = LSTM(3, 4, initializer: ConstantInitializer(0.25))
        let state = try ModelState(
            Sequential {
                lstm; ReLU()
            }, seed: 1)
        #expect(state.parameters.values("0.weight_hh_l0")?.allSatisfy { $0 == 0.25 } == true)
        #expect(state.parameters.values("0.bias_hh_l0")?.contains { $0 != 0.25 } == true)
        lstm.initializer = Ones()
        #expect(lstm.initializer is Ones)
        let plain = Sequential {
            GRU(3, 4); ReLU()
        }
        #expect(LayerContents(plain).parameters.allSatisfy { $0.slot.initializer is Uniform })
    }

    /// A sequence in two parts, the second from the first's last state, is the sequence in one.
    @Test func statesCarryOn() throws {
        for layer in [LSTM(3, 4, layers: 2), GRU(3, 4, layers: 2), RNN(3, 4, layers: 2)] as [any RecurrentLayer] {
            _ = try ModelState(layer, seed: 2)
            let x = Self.values([5, 7, 3], "x")
            let (whole, end) = layer(x, from: nil)
            let (first, state) = layer(x.slice(0..<4, axis: 1), from: nil)
            let (second, last) = layer(x.slice(4..<7, axis: 1), from: state)
            let joined = Tensor.concatenate([first, second], axis: 1)
            for (a, b) in [(whole, joined), (end.hidden, last.hidden)] {
                for (a, b) in zip(try a.values(), try b.values()) { #expect(abs(a - b) < 1e-6, "\(layer)") }
            }
            #expect((end.cell == nil) == !(layer is LSTM))
        }
    }

    /// The last states are the end of the sequence in the first direction, and its start in the second.
    @Test(arguments: layers.indices) func lastStates(index: Int) throws {
        let layer = Self.layers[index]()
        _ = try ModelState(layer, seed: 3)
        let x = Self.values([2, 6, 3], "x")
        let (output, state) = layer(x, from: nil)
        #expect(output.shape == [2, 6, 8] && state.hidden.shape == [4, 2, 4])
        func last(_ number: Int) -> Tensor { state.hidden.slice(number..<number + 1).reshaped(to: [2, 4]) }
        func step(at time: Int, _ direction: Int) -> Tensor {
            output.slice(starts: [0, time, 4 * direction], counts: [2, 1, 4]).reshaped(to: [2, 4])
        }
        #expect(try last(2).values() == step(at: 5, 0).values())
        #expect(try last(3).values() == step(at: 0, 1).values())
        let single = LSTM(3, 4, returnsSequences: false)
        _ = try ModelState(single, seed: 3)
        #expect(try single(x).values() == single(x, from: nil).output.slice(5..<6, axis: 1).values())
    }

    @Test func theTimeAxisMayBeFirst() throws {
        let first = GRU(3, 4), second = GRU(3, 4, batchFirst: false)
        _ = try ModelState(first, seed: 4)
        _ = try ModelState(second, seed: 4)
        let x = Self.values([2, 6, 3], "x")
        #expect(try first(x).transposed([1, 0, 2]).values() == second(x.transposed([1, 0, 2])).values())
        #expect(first.description == "GRU(3, 4)" && second.description == "GRU(3, 4, batchFirst: false)")
    }

    @Test func dropoutIsBetweenLayersAndInTrainingAlone() throws {
        let layer = RNN(3, 4, layers: 3, dropout: 0.5)
        let state = try ModelState(layer, seed: 5)
        #expect(state.contents.randomness.map(\.path) == ["dropout.0.random", "dropout.1.random"])
        let x = Self.values([2, 6, 3], "x")
        let inference = try layer(x).values()
        state.mode = .training
        state.setKey(RandomKey(seed: 1, step: 1))
        #expect(try layer(x).values() != inference)
        // Nothing is dropped before the first layer or after the last.
        let single = RNN(3, 4, dropout: 0.5)
        #expect(try ModelState(single, seed: 5).contents.randomness.isEmpty)
    }

    @Test func whatDoesNotFitIsAnError() {
        for specification in [LSTMSpecification(), GRUSpecification(), RNNSpecification()]
            as [any RecurrentSpecification]
        {
            var specification = specification
            specification.shared.units = 8
            #expect(throws: EspalierError.self) { try specification.makeLayer(LayerContext(input: [64], outputs: 2)) }
            #expect(throws: EspalierError.self) {
                try specification.makeLayer(LayerContext(input: [2, 3, 4], outputs: 2))
            }
            specification.shared.units = 1 << 40
            #expect(throws: EspalierError.self) {
                try specification.makeLayer(LayerContext(input: [5, 2], outputs: 2))
            }
        }
    }
}
