import EspalierEngine
import EspalierGraph
import Testing

@testable import EspalierNN

/// One layer in several places is one layer.
@Suite(.serialized) struct TiedWeightsTests {
    @Test func aLayerTwiceIsCountedOnce() throws {
        let shared = Linear(3, 3), norm = BatchNorm(3), dropout = Dropout()
        let model = Sequential([shared, norm, dropout, Sequential([shared, norm]), dropout])
        let state = try ModelState(model, seed: 1)
        #expect(state.parameters.entries.map(\.path) == ["0.weight", "0.bias", "1.weight", "1.bias"])
        #expect(state.statistics.entries.map(\.path) == ["1.running_mean", "1.running_var"])
        #expect(state.parameterCount == 18 && state.contents.randomness.count == 1)
    }

    /// y = w (w x): dy/dw = 2 w x.
    @Test func gradientsAreSummed() throws {
        let shared = Linear(1, 1, bias: false)
        let state = try ModelState(Sequential([shared, shared]), seed: 1)
        state.parameters.values("0.weight")![0] = 3
        let y = state.model(Tensor([5] as [Float], [1, 1]))
        #expect(try y.item() == 45)
        #expect(try y.sum().gradients(by: [state.parameters.tensor("0.weight")!])[0].item() == 30)
    }

    /// A normalisation that is used twice in a step measures twice.
    @Test func statisticsAreMeasuredOneAfterTheOther() throws {
        let norm = BatchNorm(1, momentum: 0.5)
        let state = try ModelState(norm, seed: 0)
        state.mode = .training
        _ = norm(Tensor([1, 3] as [Float], [2, 1]))
        _ = norm(Tensor([5, 9] as [Float], [2, 1]))
        // 0 -> 0.5 * 0 + 0.5 * 2 = 1 -> 0.5 * 1 + 0.5 * 7 = 4.
        #expect(try norm.$runningMean.takeNext().item() == 4)
    }

    @Test func aLayerWithoutAModelHasNoValues() throws {
        let layer = Linear(2, 2), x = Tensor([1, 2] as [Float], [1, 2])
        #expect(layer(x).shape == [1, 2])
        let error = #expect(throws: EngineError.self) { try layer(x).values() }
        #expect(error?.description.contains("give the layer to a ModelState or a Trainer first") == true)
        _ = try ModelState(layer, seed: 1)
        #expect(try layer(x).values() != [0, 0])
    }

    /// Recomputing a block changes neither its names nor its values.
    @Test func aRecomputedBlockIsTheSameModel() throws {
        func gradients(recomputed: Bool) throws -> (paths: [String], values: [[Float]]) {
            let model = Sequential {
                for _ in 0..<3 {
                    Sequential(recomputed: recomputed) {
                        Linear(4, 4)
                        BatchNorm(4)
                        Dropout(p: 0.25)
                        Tanh()
                    }
                }
            }
            let state = try ModelState(model, seed: 7)
            state.mode = .training
            state.setKey(RandomKey(seed: 1, step: 1))
            let x = Tensor((0..<20).map { Float($0 % 7) - 3 }, [5, 4])
            let loss = state.model(x).squared().sum()
            let paths = state.parameters.entries.map(\.path)
            let results = [loss] + loss.gradients(by: paths.map { state.parameters.tensor($0)! })
            return (paths, try Engine.current.evaluate(results))
        }
        let kept = try gradients(recomputed: false), recomputed = try gradients(recomputed: true)
        #expect(kept.paths == recomputed.paths && kept.paths.first == "0.0.weight")
        #expect(kept.values == recomputed.values)
    }
}
