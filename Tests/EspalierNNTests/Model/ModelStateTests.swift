import EspalierEngine
import EspalierGraph
import Testing

@testable import EspalierNN

@Suite(.serialized) struct ModelStateTests {
    func model() -> Sequential {
        Sequential {
            Linear(5, 7)
            BatchNorm(7)
            ReLU()
            Linear(7, 3)
        }
    }

    @Test func parametersAreAlignedAndKeepTheirOrder() throws {
        let state = try ModelState(model(), seed: 1)
        #expect(
            state.parameters.entries.map(\.path) == ["0.weight", "0.bias", "1.weight", "1.bias", "3.weight", "3.bias"])
        #expect(state.parameters.entries.map(\.offset) == [0, 48, 64, 80, 96, 128])
        #expect(state.parameters.storage.count == 144)
        #expect(state.groups == [0..<144])
        #expect(state.parameterCount == 35 + 7 + 7 + 7 + 21 + 3)
        #expect(state.statisticCount == 14)
    }

    @Test func groupsAreRanges() throws {
        let state = try ModelState(model(), seed: 1) { $0.role == .weight ? 0 : 1 }
        #expect(
            state.parameters.entries.map(\.path) == ["0.weight", "3.weight", "0.bias", "1.weight", "1.bias", "3.bias"])
        #expect(state.groups == [0..<80, 80..<144])
        let order = try ModelState(model(), seed: 1)
        for path in order.parameters.entries.map(\.path) {
            #expect(Array(state.parameters.values(path)!) == Array(order.parameters.values(path)!))
        }
    }

    @Test func aPenaltySparesBiasesAndNormalization() {
        let slots = LayerContents(model()).parameters
        #expect(slots.filter { WeightPenalty(l2: 0.1).applies(to: $0.slot) }.map(\.path) == ["0.weight", "3.weight"])
        #expect(slots.filter { WeightPenalty(l2: 0.1, on: .all).applies(to: $0.slot) }.count == slots.count)
        #expect(slots.allSatisfy { !WeightPenalty(l2: 0, on: .all).applies(to: $0.slot) })
    }

    @Test func aSnapshotHoldsParametersAndStatistics() throws {
        let state = try ModelState(model(), seed: 1)
        let first = state.snapshot()
        state.parameters.values("3.weight")![0] += 1
        state.statistics.values("1.running_mean")![2] = 5
        #expect(state.snapshot() != first)
        state.restore(first)
        #expect(state.snapshot() == first)
        #expect(state.statistics.values("1.running_mean")![2] == 0)
    }

    @Test func modesReachEveryLayer() throws {
        let inner = BatchNorm(3), outer = Dropout()
        let state = try ModelState(Sequential([Sequential([inner]), outer]), seed: 0)
        state.mode = .training
        #expect(inner.mode == .training && outer.mode == .training)
        state.mode = .inference
        #expect(inner.mode == .inference && outer.mode == .inference)
    }

    /// The model's tensors are views: what is written into memory is what the layers compute with.
    @Test func layersSeeTheMemory() throws {
        let layer = Linear(2, 1)
        let state = try ModelState(layer, seed: 0)
        _ = state.parameters.values("weight")!.update(fromContentsOf: [2, 3])
        state.parameters.values("bias")![0] = 1
        #expect(try layer(Tensor([1, 10] as [Float], [1, 2])).values() == [33])
    }
}
