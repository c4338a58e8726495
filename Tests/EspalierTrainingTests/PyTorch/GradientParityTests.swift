import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Testing

@testable import EspalierTraining

/// Eight steps with clipped gradients, parameter groups and averages against PyTorch.
///
/// Adaptive clipping is compared with its paper's formula in numpy. The `Double` reference follows the float64 file to 1e-13 of a tensor's largest element, the engine in float32
/// to 2e-6.
@Suite(.serialized) struct GradientParityTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var optimizer: any Optimizer = Adam(learningRate: 0.01)
        var gradient = GradientSettings()
        var groups: [ParameterGroup] = []
        var averaging = Averaging.none
        var frozenSteps = 0
        var testDescription: String { name }
    }

    static let descent = SGD(learningRate: 0.5, momentum: 0.9)
    static let clippings: [Case] = [
        Case(name: "clipValue", optimizer: descent, gradient: GradientSettings(clipValue: 0.02)),
        Case(name: "clipNorm", optimizer: descent, gradient: GradientSettings(clipNorm: 0.3)),
        Case(name: "clipParameterNorm", optimizer: descent, gradient: GradientSettings(clipParameterNorm: 0.1)),
        Case(name: "adaptiveClip", optimizer: descent, gradient: GradientSettings(adaptiveClip: 0.1)),
        Case(
            name: "allClips", optimizer: descent,
            gradient: GradientSettings(clipNorm: 0.3, clipValue: 0.02, clipParameterNorm: 0.1, adaptiveClip: 0.1)),
    ]
    static let others: [Case] = [
        Case(name: "rates", groups: [ParameterGroup(match: "0", rateFactor: 0.1)]),
        Case(
            name: "frozen", groups: [ParameterGroup(match: "0.*", frozen: true, unfreezeAt: 2)], frozenSteps: 4),
        Case(name: "ema", averaging: .ema(ExponentialAverage(decay: 0.9))),
    ]

    @Test func everyCaseIsCompared() throws {
        let names = try Fixture("gradients", .float64).tensors.keys.map { String($0.prefix { $0 != "/" }) }
        #expect(Set(names) == Set((Self.clippings + Self.others).map(\.name) + ["swa", "batches"]))
    }

    static func model() -> Sequential {
        Sequential {
            Linear(12, 16)
            ReLU()
            Linear(16, 8)
            ReLU()
            Linear(8, 5)
        }
    }

    static func plans(_ item: Case, _ fixture: Fixture, optimizer: (any Optimizer)? = nil) throws -> StepPlans {
        let optimizer = optimizer ?? item.optimizer
        let state = try ModelState(model(), seed: 0) {
            StepPlans.group(of: $0, WeightPenalty(), optimizer, item.groups)
        }
        for (path, value) in fixture.all("\(item.name)/parameter.") {
            _ = try #require(state.parameters.values(path)).update(fromContentsOf: value.values.map(Float.init))
        }
        return StepPlans(
            state, loss: CrossEntropyLoss(), metrics: [], optimizer: optimizer, penalty: WeightPenalty(),
            gradient: item.gradient, groups: item.groups, averaging: item.averaging, sampleShape: [12], targetShape: [],
            targetScaler: nil, engine: Engine(threads: 2))
    }

    static func key(_ item: Case, _ step: Int) -> StepPlans.Key {
        .init(purpose: .train, batch: 20, frozen: step <= item.frozenSteps ? [0] : [])
    }

    static func inputs(_ item: Case, _ fixture: Fixture, _ step: Int) -> [ReferenceArray] {
        [
            fixture["batches/step.\(step)/input"], fixture["batches/step.\(step)/label"],
            ReferenceArray([], [item.optimizer.learningRate]), ReferenceArray([], [Double(step)]),
        ]
    }

    /// w - w' under plain descent at rate 1 is the clipped gradient; the last output says whether it was clipped.
    @Test(arguments: clippings) func clippedGradients(_ item: Case) throws {
        let fixture = try Fixture("gradients", .float64)
        let plans = try Self.plans(item, fixture, optimizer: SGD(learningRate: 1))
        let computation = plans.trace(Self.key(item, 1))
        var inputs = Self.inputs(item, fixture, 1)
        inputs[2] = ReferenceArray([], [1])
        let parameters = plans.state.parameters
        let feed = Dictionary(uniqueKeysWithValues: zip(computation.inputs, inputs))
        let after = try #require(computation.updates.first { $0.target == parameters.tensor }).value
        // Before the two by which the step is guarded.
        let clipped = computation.outputs[computation.outputs.count - 3]
        let results = Reference.evaluate([after, clipped], feed)
        var isChanged = false
        for entry in parameters.entries {
            let values = try #require(parameters.values(entry.path))
            let gradient = values.indices.map { Double(values[$0]) - results[0].values[entry.offset + $0] }
            let name = "\(item.name)/clipped.\(entry.path)"
            #expect(distance(gradient, fixture[name].values) < 1e-12, "\(name)")
            if fixture[name].values != fixture["\(item.name)/gradient.\(entry.path)"].values { isChanged = true }
        }
        #expect(isChanged)
        #expect(results[1].values == [1])
    }

    @Test(arguments: clippings + others) func formulas(_ item: Case) throws {
        let fixture = try Fixture("gradients", .float64)
        let plans = try Self.plans(item, fixture)
        var values: [Tensor: ReferenceArray] = [:]
        for step in 1...8 {
            if step == item.frozenSteps + 1 { plans.beginEpoch(2, after: item.frozenSteps) }
            let computation = plans.trace(Self.key(item, step))
            let feed = values.merging(zip(computation.inputs, Self.inputs(item, fixture, step))) { $1 }
            let results = Reference.evaluate(computation.updates.map(\.value), feed)
            for (update, value) in zip(computation.updates, results) { values[update.target] = value }
        }
        try compare(item, fixture, plans, tolerance: 1e-13) { values[$0]!.values }
    }

    @Test(arguments: clippings + others) func engine(_ item: Case) throws {
        let fixture = try Fixture("gradients", .float64)
        let plans = try Self.plans(item, fixture)
        for step in 1...8 {
            if step == item.frozenSteps + 1 { plans.beginEpoch(2, after: item.frozenSteps) }
            let executable = try plans.plan(Self.key(item, step))
            for (index, value) in Self.inputs(item, fixture, step).enumerated() {
                executable.fill(index, value, index == 1 ? .int32 : .float32)
            }
            try executable.run()
        }
        try compare(item, fixture, plans, tolerance: 2e-6) { $0.leaf!.storage!.floats.map(Double.init) }
    }

    private func compare(
        _ item: Case, _ fixture: Fixture, _ plans: StepPlans, tolerance: Double, _ state: (Tensor) -> [Double]
    ) throws {
        func compare(_ kind: String, _ values: [Double]) {
            for entry in plans.state.parameters.entries {
                let part = values[entry.offset..<entry.offset + entry.shape.count]
                let found = distance(part, fixture["\(item.name)/\(kind).\(entry.path)"].values)
                #expect(found < tolerance, "\(kind) \(entry.path): \(found)")
            }
        }
        compare("after", state(plans.state.parameters.tensor))
        if let average = plans.average { compare("average", state(average)) }
    }

    /// The mean of the weights after each of the steps, and running statistics measured for it.
    @Test func stochasticWeightAveraging() throws {
        let fixture = try Fixture("gradients", .float64)
        let model = Sequential {
            Linear(12, 16, bias: false)
            BatchNorm(16)
            ReLU()
            Linear(16, 5)
        }
        let trainer = try Trainer(
            model, loss: CrossEntropyLoss(), optimizer: Adam(learningRate: 0.01),
            averaging: .swa(StochasticWeightAverage(start: 1)), settings: TrainingSettings(epochs: 8, batchSize: 20),
            sampleShape: [12], engine: Engine(threads: 1))
        for (path, value) in fixture.all("swa/parameter.") {
            _ = try #require(trainer.state.parameters.values(path)).update(fromContentsOf: value.values.map(Float.init))
        }
        let batches = (1...8).map { "batches/step.\($0)/" }
        let labels = batches.flatMap { fixture[$0 + "label"].values.map(Int32.init) }
        let data = try Dataset(
            name: "batches", sampleShape: [12],
            inputs: batches.flatMap { fixture[$0 + "input"].values.map(Float.init) },
            targets: .classes(labels, names: (0..<5).map(String.init)))
        for step in 1...8 {
            try trainer.step(on: (step - 1) * 20..<step * 20, of: data)
            trainer.average.epochEnded(step, of: 8, trainer.state.parameters)
        }
        func compare(_ kind: String, _ buffer: FlatBuffer) throws {
            for entry in buffer.entries {
                let values = try #require(buffer.values(entry.path)).map(Double.init)
                let found = distance(values, fixture["swa/\(kind)\(entry.path)"].values)
                #expect(found < 2e-6, "\(kind)\(entry.path): \(found)")
            }
        }
        try compare("after.", trainer.state.parameters)
        try trainer.adoptAverages(of: data)
        try compare("average.", trainer.state.parameters)
        try compare("average.buffer.", trainer.state.statistics)
    }
}
