import EspalierEngine
import EspalierGraph
import EspalierNN
import Testing

@testable import EspalierTraining

/// Attention and the layers around it against PyTorch, as `LayerParityTests` compares.
@Suite(.serialized) struct AttentionParityTests {
    private let parity = LayerParityTests()
    private static let file = "attention"

    static let functions: [(name: String, inputs: [String], function: @Sendable ([Tensor]) -> Tensor)] = [
        ("attention", [], { .attention($0[0], $0[1], $0[2]) }),
        ("attentionCausal", [], { .attention($0[0], $0[1], $0[2], isCausal: true) }),
        ("attentionCausalShort", [], { .attention($0[0], $0[1], $0[2], isCausal: true) }),
        ("attentionScale", [], { .attention($0[0], $0[1], $0[2], scale: 0.7) }),
        ("attentionMask", ["mask"], { .attention($0[0], $0[1], $0[2], mask: .additive($0[3])) }),
        ("attentionLengths", ["lengths"], { .attention($0[0], $0[1], $0[2], mask: .lengths($0[3])) }),
    ]

    @Test(arguments: functions.indices) func function(index: Int) throws {
        let (name, masks, function) = Self.functions[index]
        try parity.check(Self.file, "\(name)/", ["query", "key", "value"] + masks, function)
    }

    /// One projection to queries, keys and values gives the same as three operands.
    @Test func aPackedOperandMeansTheSame() throws {
        try parity.check(Self.file, "attentionCausal/", ["query", "key", "value"]) { operands in
            let parts = operands.map { $0.transposed([0, 2, 1, 3]).expanded(at: 2) }
            return Tensor.selfAttention(.concatenate(parts, axis: 2), isCausal: true).transposed([0, 2, 1, 3])
        }
    }

    static let layers: [(name: String, make: @Sendable () -> any Layer)] = [
        ("gelu", { GELU() }), ("geluTanh", { GELU(.tanh) }), ("silu", { SiLU() }), ("layerNorm", { LayerNorm(9) }),
        ("layerNormPlain", { LayerNorm(9, affine: false) }), ("layerNormTwoAxes", { LayerNorm([3, 4]) }),
        ("rmsNorm", { RMSNorm(9, eps: 1e-6) }), ("embedding", { Embedding(6, 4) }),
        ("embeddingPadding", { Embedding(6, 4, paddingIndex: 2) }),
        ("multiHeadAttention", { MultiHeadAttention(6, heads: 3) }),
        ("multiHeadAttentionCausal", { MultiHeadAttention(6, heads: 3, isCausal: true) }),
        ("transformerBlock", { TransformerBlock(6, heads: 2, hidden: 10, isCausal: true, dropout: 0) }),
        (
            "transformerBlockAfter",
            { TransformerBlock(6, heads: 2, hidden: 10, dropout: 0, normalizesFirst: false) }
        ),
    ]

    @Test(arguments: layers.indices) func layer(index: Int) throws {
        let (name, make) = Self.layers[index]
        try parity.check(make(), "\(name)/", file: Self.file)
    }

    @Test func everyCaseIsCompared() throws {
        let cases = Set(try Fixture(Self.file, .float64).tensors.keys.map { String($0.prefix { $0 != "/" }) })
        #expect(cases == Set(Self.functions.map(\.name) + Self.layers.map(\.name) + ["languageModel"]))
    }

    /// Five steps of AdamW on a language model of two blocks.
    ///
    /// Every loss, and all parameters after steps 1 and 5, in double precision to 1e-12 of a tensor's largest element. Only
    /// the biases of projections have 1e-9: those of the keys change no output, so their gradient is rounding, which Adam
    /// magnifies.
    @Test func aLanguageModelFollowsPyTorch() throws {
        let fixture = try Fixture(Self.file, .float64)
        let plans = try languageModel(fixture, Engine(threads: 1))
        let computation = plans.trace(Self.step)
        var values = Dictionary(
            uniqueKeysWithValues: computation.updates.map {
                ($0.target, ReferenceArray($0.target.shape, $0.target.leaf!.storage!.floats.map(Double.init)))
            })
        let parameters = plans.state.parameters
        for entry in parameters.entries {
            // The scales of normalisation were drawn as 1 + x, which float32 would round.
            let drawn = fixture["languageModel/parameter.\(entry.path)"].values
            values[parameters.tensor]!.values.replaceSubrange(entry.offset..<entry.offset + drawn.count, with: drawn)
        }
        for step in 1...5 {
            let feed = values.merging(zip(computation.inputs, Self.inputs(fixture, step))) { $1 }
            let results = Reference.evaluate(computation.outputs + computation.updates.map(\.value), feed)
            for (update, value) in zip(computation.updates, results.dropFirst(computation.outputs.count)) {
                values[update.target] = value
            }
            let prefix = "languageModel/step.\(step)/"
            #expect(distance(results[0].values, fixture[prefix + "loss"].values) < 1e-12, "loss of step \(step)")
            for (path, expected) in fixture.all(prefix + "parameter.") {
                let entry = try #require(parameters.entries.first { $0.path == path })
                let found = values[parameters.tensor]!.values[entry.offset..<entry.offset + expected.values.count]
                #expect(
                    distance(found, expected.values) < (path.hasSuffix("in_proj_bias") ? 1e-9 : 1e-12),
                    "\(path) after step \(step)")
            }
        }
    }

    /// The same on the engine, but for the keys' biases.
    @Test(arguments: [1, 4]) func theEngineTrainsALanguageModel(threads: Int) throws {
        let fixture = try Fixture(Self.file, .float64)
        let plans = try languageModel(fixture, Engine(threads: threads))
        let plan = try plans.plan(Self.step)
        for step in 1...5 {
            let prefix = "languageModel/step.\(step)/"
            for (index, value) in Self.inputs(fixture, step).enumerated() {
                plan.fill(index, value, index == 1 ? .int32 : .float32)
            }
            try plan.run()
            #expect(distance([Double(plan.output(0)[0])], fixture[prefix + "loss"].values) < 1e-6)
            for (path, expected) in fixture.all(prefix + "parameter.") {
                var found = try #require(plans.state.parameters.values(path)).map(Double.init)
                if path.hasSuffix("in_proj_bias") { found.replaceSubrange(8..<16, with: expected.values[8..<16]) }
                let error = distance(found, expected.values)
                #expect(error < 2e-5, "\(path) after step \(step): \(error)")
            }
        }
    }

    private static let step = StepPlans.Key(purpose: .train, batch: 4)

    /// What step number `step` is given: symbols, those after them, learning rate, number.
    private static func inputs(_ fixture: Fixture, _ step: Int) -> [ReferenceArray] {
        let prefix = "languageModel/step.\(step)/"
        return [
            fixture[prefix + "input"], fixture[prefix + "label"], ReferenceArray([], [0.01]),
            ReferenceArray([], [Double(step)]),
        ]
    }

    private func languageModel(_ fixture: Fixture, _ engine: Engine) throws -> StepPlans {
        let model = Sequential {
            Embedding(11, 8)
            PositionalEmbedding(6, 8)
            for _ in 0..<2 { TransformerBlock(8, heads: 2, hidden: 16, isCausal: true, dropout: 0) }
            LayerNorm(8)
            Linear(8, 11)
        }
        let state = try ModelState(model, seed: 0)
        let first = fixture.all("languageModel/parameter.")
        #expect(Set(first.map(\.name)) == Set(state.parameters.entries.map(\.path)))
        for (path, value) in first {
            _ = try #require(state.parameters.values(path)).update(fromContentsOf: value.values.map(Float.init))
        }
        return StepPlans(
            state, loss: CrossEntropyLoss(), metrics: [], optimizer: AdamW(learningRate: 0.01, on: .all),
            penalty: WeightPenalty(), sampleShape: [6], targetShape: [6], targetScaler: nil, engine: engine)
    }
}
