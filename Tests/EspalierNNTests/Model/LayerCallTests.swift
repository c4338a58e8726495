import EspalierEngine
import EspalierGraph
import Testing

@testable import EspalierNN

/// Calls of layers, as whoever traces a model sees them.
@Suite struct LayerCallTests {
    final class Halves: Layer {
        let first = Linear(4, 4)
        let second = Sequential {
            ReLU()
            Linear(4, 2)
        }
        func forward(_ x: Tensor) -> Tensor { second(first(x)) }
    }

    @Test func eachCallComesAfterThoseWithinIt() throws {
        let model = Halves(), state = try ModelState(model, seed: 1)
        let x = Tensor.input("x", [3, 4])
        let (y, calls) = LayerCall.recording { model(x) }
        let paths = state.contents.paths
        #expect(
            calls.map { paths[ObjectIdentifier($0.layer)] } == ["first", "second.0", "second.1", "second", ""])
        #expect(calls[0].input.node == x.node && calls[1].input.node == calls[0].output.node)
        #expect(calls.last?.output.node == y.node && calls[2].output.node == y.node)
        // Nothing is noted outside, and nothing changes what is computed.
        #expect(model(x).node == y.node)
        #expect(LayerCall.recording {}.calls.isEmpty)
    }

    @Test func layersThatTakeMoreThanOneValueAreSeen() throws {
        let lstm = LSTM(3, 5), attention = MultiHeadAttention(4, heads: 2)
        _ = try ModelState(lstm, seed: 1)
        _ = try ModelState(attention, seed: 1)
        let x = Tensor.input("x", [2, 6, 3]), y = Tensor.input("y", [2, 6, 4])
        let read = LayerCall.recording { lstm(x, from: nil).output }
        #expect(read.calls.count == 1 && read.calls.first?.output.node == read.result.node)
        #expect(LayerCall.recording { lstm(x) }.calls.count == 1)
        let masked = LayerCall.recording { attention(y, mask: .none) }
        #expect(masked.calls.filter { $0.layer === attention }.count == 1)
        #expect(LayerCall.recording { attention(y) }.calls.filter { $0.layer === attention }.count == 1)
    }

    /// Else derivatives would pass by what is seen of the block.
    @Test func aRecomputedBlockIsNotRecomputedWhileItIsWatched() throws {
        let model = Sequential([Linear(4, 4), Tanh(), Linear(4, 1)], recomputed: true)
        _ = try ModelState(model, seed: 1)
        let (y, calls) = LayerCall.recording { model(Tensor.ones([2, 4])) }
        let g = try y.sum().gradients(by: [calls[1].output])[0].values()
        #expect(g.allSatisfy { $0 != 0 })
    }
}
