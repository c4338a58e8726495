import EspalierGraph
import EspalierNN
import EspalierSpec
import Testing

@testable import EspalierTraining

/// The table of a model says how each weight is drawn, and why so.
@Suite(.serialized) struct LayerSummaryTests {
    static func notes(_ model: Sequential, _ shape: Shape) -> [String] {
        LayerSummary.table(model, sampleShape: shape).map(\.note)
    }

    @Test func whyAnInitializerWasChosen() throws {
        let model = Sequential {
            Linear(8, 8)
            LeakyReLU(negativeSlope: 0.2)
            Linear(8, 8, initializer: Normal(std: 0.3))
            try! WeightNorm(Linear(8, 8))
            SELU()
            Residual {
                Linear(8, 8)
                ReLU()
                Linear(8, 8)
                ReLU()
            }
            LayerNorm(8)
            Linear(8, 3)
        }
        #expect(
            Self.notes(model, [8]) == [
                "heNormal(slope: 0.2) (LeakyReLU follows)", "", "normal(std: 0.3) (given)",
                "lecunNormal (SELU follows)", "", "heNormal (ReLU follows)", "",
                "xavierUniform (no activation follows)",
            ])
        #expect(
            LayerSummary.text(LayerSummary.table(model, sampleShape: [8])).contains(
                "heNormal(slope: 0.2) (LeakyReLU follows)"))
    }

    @Test func layersThatDrawInTheirOwnWay() {
        #expect(Self.notes(Sequential { LSTM(3, 4) }, [5, 3]) == ["uniform(low: -0.5, high: 0.5)"])
    }

    /// From a configuration, and told of after the first batch has been seen.
    @Test func unitVarianceIsReported() throws {
        let experiment = try experiment(
            """
            data: {source: digits, limit: 200}
            initializer: {lsuv: {tolerance: 0.01}}
            model:
              - linear: {units: 20}
              - exponential
              - linear: {units: auto}
            training: {epochs: 1}
            """)
        let prepared = try experiment.prepare()
        let trainer = try prepared.makeTrainer()
        let recorder = trainer.recorded()
        var weights: [[Float]] = []
        recorder.action = { event in
            if case .start = event { weights = [Array(trainer.state.parameters.values("0.weight")!)] }
        }
        _ = try trainer.fit(prepared.data.train)
        guard case .start(let start) = recorder.events.first else {
            Issue.record("no start")
            return
        }
        #expect(start.layers[0].note.hasPrefix("lsuv(tolerance: 0.01) (output variance "))
        #expect(start.layers[0].note.hasSuffix(" on the first batch)"))
        // Rows of an orthogonal weight are of length 1; the scale that the batch asks for is another.
        let length = weights[0].prefix(64).reduce(0) { $0 + $1 * $1 }
        #expect(abs(length - 1) > 0.01)
        // A loop of one's own gets the same from its first step.
        let other = try prepared.makeTrainer()
        #expect(other.state.awaitsBatch)
        try other.step(on: Array(0..<64), of: prepared.data.train)
        #expect(!other.state.awaitsBatch)
    }

    /// Weights from a file are what they are.
    @Test func loadedWeightsAreLeftAlone() throws {
        let model = Sequential { Linear(4, 3, initializer: LSUV()) }
        let trainer = try Toy.trainer(model)
        let arrays = trainer.state.parameters.entries.map { entry in
            NamedArray(entry.path, shape: entry.shape.dimensions, [Float](repeating: 2, count: entry.shape.count))
        }
        try trainer.state.load(SafeTensors(arrays), from: "weights")
        #expect(!trainer.state.awaitsBatch)
    }
}
