import EspalierEngine
import EspalierGraph
import EspalierNN
import Testing

@testable import EspalierTraining

/// Ten steps of training against PyTorch: every loss, and all parameters, kept values and running statistics after steps
/// 1, 2, 5 and 10, element by element.
///
/// The traced step is replayed twice. Evaluated by the `Double` reference it must follow the float64 file to 1e-13 of a
/// tensor's largest element, at every step: the formulas are the same. Run by the engine in float32 it must stay within
/// 1e-6 of the float64 file, 8 units in the last place, at every step; what is found is 5e-7 at most, under Adam.
@Suite(.serialized) struct TrajectoryTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var activation: @Sendable () -> any Layer = { ReLU() }
        var isNormalized = false
        var loss: any Loss = CrossEntropyLoss()
        var optimizer: any Optimizer
        var schedule: any Schedule = ConstantSchedule()
        var penalty = WeightPenalty()
        var hasGradientPenalty = false
        var testDescription: String { name }

        var model: Sequential {
            Sequential {
                Linear(12, 16, bias: !isNormalized)
                if isNormalized { BatchNorm(16) }
                activation()
                Linear(16, 8, bias: !isNormalized)
                if isNormalized { BatchNorm(8) }
                activation()
                Linear(8, 5)
            }
        }
    }

    static let decay = WeightPenalty(l2: 0.01, on: .all)
    static let cases: [Case] = [
        Case(name: "sgd", optimizer: SGD(learningRate: 0.1)),
        Case(name: "momentum", optimizer: SGD(learningRate: 0.1, momentum: 0.9)),
        Case(name: "nesterov", optimizer: SGD(learningRate: 0.1, momentum: 0.9, nesterov: true)),
        Case(name: "dampening", optimizer: SGD(learningRate: 0.1, momentum: 0.9, dampening: 0.5)),
        Case(name: "sgdWeightDecay", optimizer: SGD(learningRate: 0.1), penalty: decay),
        Case(name: "adam", optimizer: Adam(learningRate: 0.01)),
        Case(name: "adamWeightDecay", optimizer: Adam(learningRate: 0.01), penalty: decay),
        Case(name: "adamW", optimizer: AdamW(learningRate: 0.01, weightDecay: 0.1, on: .all)),
        Case(name: "adamBatchNorm", isNormalized: true, optimizer: Adam(learningRate: 0.01)),
        Case(
            name: "regression", activation: { Tanh() }, loss: MeanSquaredError(),
            optimizer: SGD(learningRate: 0.05, momentum: 0.9)),
        Case(
            name: "exponentialDecay", activation: { Sigmoid() }, optimizer: SGD(learningRate: 0.5),
            schedule: ExponentialSchedule(decayTo: 0.1, every: 5)),
        Case(
            name: "gradientPenalty", activation: { Tanh() }, optimizer: SGD(learningRate: 0.1), hasGradientPenalty: true
        ),
    ]

    @Test func everyCaseIsCompared() throws {
        let files = Set(try Fixture("trajectories", .float64).tensors.keys.map { String($0.prefix { $0 != "/" }) })
        #expect(files == Set(Self.cases.map(\.name) + ["batches"]))
    }

    @Test(arguments: cases) func formulas(_ item: Case) throws {
        let fixture = try Fixture("trajectories", .float64)
        let training = try Training(item, fixture, engine: Engine(threads: 1))
        var values = training.firstValues(fixture)
        try training.follow(fixture, tolerance: 1e-13) { inputs in
            let feed = values.merging(zip(training.computation.inputs, inputs)) { $1 }
            let outputs = training.computation.outputs
            let results = Reference.evaluate(outputs + training.computation.updates.map(\.value), feed)
            for (update, value) in zip(training.computation.updates, results.dropFirst(outputs.count)) {
                values[update.target] = value
            }
            return results[0].values[0]
        } state: { target in
            values[target]!.values
        }
    }

    @Test(arguments: cases, [1, 4]) func engine(_ item: Case, threads: Int) throws {
        let fixture = try Fixture("trajectories", .float64)
        let training = try Training(item, fixture, engine: Engine(threads: threads))
        let executable = try training.executable()
        try training.follow(fixture, tolerance: 1e-6) { inputs in
            for (index, value) in inputs.enumerated() {
                executable.fill(index, value, training.computation.inputs[index].dtype)
            }
            try executable.run()
            return Double(executable.output(0)[0])
        } state: { target in
            target.leaf!.storage!.floats.map(Double.init)
        }
    }

    /// One of the cases, at its first parameters.
    struct Training {
        let item: Case
        let plans: StepPlans
        let computation: Computation
        let key = StepPlans.Key(purpose: .train, batch: 20)

        init(_ item: Case, _ fixture: Fixture, engine: Engine) throws {
            self.item = item
            let state = try ModelState(item.model, seed: 0)
            for (path, value) in fixture.all("\(item.name)/parameter.") {
                _ = try #require(state.parameters.values(path)).update(fromContentsOf: value.values.map(Float.init))
            }
            #expect(state.parameters.entries.count == fixture.all("\(item.name)/parameter.").count)
            plans = StepPlans(
                state, loss: item.loss, metrics: [], optimizer: item.optimizer, penalty: item.penalty,
                sampleShape: [12], targetShape: type(of: item.loss).target == .classes ? [] : [5], targetScaler: nil,
                engine: engine)
            computation = item.hasGradientPenalty ? Self.penalized(item, state) : plans.trace(key)
        }

        /// What the step changes, as it is before the first one.
        ///
        /// The scales of normalisation were drawn as 1 + x, which float32 would round.
        func firstValues(_ fixture: Fixture) -> [Tensor: ReferenceArray] {
            var values: [Tensor: ReferenceArray] = [:]
            for update in computation.updates {
                let floats = update.target.leaf!.storage!.floats
                values[update.target] = ReferenceArray(update.target.shape, floats.map(Double.init))
            }
            let parameters = plans.state.parameters
            for entry in parameters.entries {
                let range = entry.offset..<entry.offset + entry.shape.count
                let drawn = fixture["\(item.name)/parameter.\(entry.path)"].values
                values[parameters.tensor]!.values.replaceSubrange(range, with: drawn)
            }
            return values
        }

        /// The step as the trainer runs it.
        func executable() throws -> Executable {
            item.hasGradientPenalty ? try plans.engine.compile(computation) : try plans.plan(key)
        }

        /// A step on cross-entropy + 0.1 mean over samples of |d logsumexp(logits) / d input|^2.
        private static func penalized(_ item: Case, _ state: ModelState) -> Computation {
            let x = Tensor.input("inputs", [20, 12]), labels = Tensor.input("labels", [20], .int32)
            let rate = Tensor.input("learning rate", []), step = Tensor.input("step", [])
            let logits = state.model(x)
            let logSumExp = (logits - logits.logSoftmax()).slice(0..<1, axis: 1)
            let slope = logSumExp.sum().gradients(by: [x])[0]
            let loss = item.loss(logits, labels).mean() + 0.1 * slope.squared().sum(axes: [1]).mean()
            let parameters = state.parameters
            let gradients = loss.gradients(by: parameters.entries.map { parameters.tensor($0.path)! })
            let whole = 0..<parameters.storage.count
            let update = item.optimizer.update(
                parameters.tensor, gradient: parameters.assemble(gradients, in: whole), slots: [], learningRate: rate,
                step: step)
            return Computation(
                inputs: [x, labels, rate, step], outputs: [loss], updates: [.init(parameters.tensor, update.parameter)])
        }

        /// Takes the ten steps with `run` and compares what `state` then says of the flat buffers.
        func follow(
            _ fixture: Fixture, tolerance: Double, run: ([ReferenceArray]) throws -> Double,
            state: (Tensor) -> [Double]
        ) throws {
            let isClassification = type(of: item.loss).target == .classes
            for step in 1...10 {
                let batch = "batches/step.\(step)/"
                let rate = item.optimizer.learningRate * item.schedule.factor(at: step - 1, of: 10)
                if let expected = fixture.tensors["\(item.name)/step.\(step)/learningRate"] {
                    #expect(abs(rate / expected.values[0] - 1) < 1e-14)
                }
                let loss = try run([
                    fixture[batch + "input"], fixture[batch + (isClassification ? "label" : "target")],
                    ReferenceArray([], [rate]), ReferenceArray([], [Double(step)]),
                ])
                let prefix = "\(item.name)/step.\(step)/"
                check([loss], fixture, prefix + "loss", tolerance)
                guard [1, 2, 5, 10].contains(step) else { continue }
                try compare(fixture, prefix, tolerance, state)
            }
        }

        private func compare(
            _ fixture: Fixture, _ prefix: String, _ tolerance: Double, _ state: (Tensor) -> [Double]
        ) throws {
            let slotNames = ["velocity": "momentum_buffer", "firstMoment": "exp_avg", "secondMoment": "exp_avg_sq"]
            var compared = 0
            func compare(_ kind: String, _ buffer: FlatBuffer, _ values: [Double]) {
                for entry in buffer.entries {
                    let name = "\(prefix)\(kind).\(entry.path)"
                    let part = Array(values[entry.offset..<entry.offset + entry.shape.count])
                    check(part, fixture, name, tolerance)
                    compared += 1
                }
            }
            let model = plans.state
            compare("parameter", model.parameters, state(model.parameters.tensor))
            for (name, storage) in zip(plans.optimizer.slots, plans.slots) {
                let target = try #require(computation.updates.first { $0.target.leaf?.storage === storage }).target
                compare(slotNames[name]!, model.parameters, state(target))
            }
            if model.statisticCount > 0 { compare("buffer", model.statistics, state(model.statistics.tensor)) }
            let others = fixture.all(prefix).filter {
                $0.name.hasPrefix("gradient.") || $0.name == "loss" || $0.name == "learningRate"
            }
            #expect(compared + others.count == fixture.all(prefix).count, "all that the fixtures have is compared")
        }

        private func check(_ values: [Double], _ fixture: Fixture, _ name: String, _ tolerance: Double) {
            let found = distance(values, fixture[name].values)
            #expect(found <= tolerance, "\(name): \(found) of the largest, more than \(tolerance)")
        }
    }

    /// The first step's gradients, through plain descent of rate 1 from the same parameters: w - w' is the gradient.
    @Test(arguments: cases.filter { !$0.hasGradientPenalty }) func gradients(_ item: Case) throws {
        let fixture = try Fixture("trajectories", .float64)
        var item = item
        let name = item.name
        item.optimizer = SGD(learningRate: 1)
        item.penalty = WeightPenalty()
        let training = try Training(item, fixture, engine: Engine(threads: 1))
        let parameters = training.plans.state.parameters
        let values = training.firstValues(fixture)
        let before = values[parameters.tensor]!.values
        let target = type(of: item.loss).target == .classes ? "label" : "target"
        let inputs = [
            fixture["batches/step.1/input"], fixture["batches/step.1/\(target)"], ReferenceArray([], [1]),
            ReferenceArray([], [1]),
        ]
        let feed = values.merging(zip(training.computation.inputs, inputs)) { $1 }
        let update = try #require(training.computation.updates.first { $0.target == parameters.tensor })
        let after = Reference.evaluate([update.value], feed)[0].values
        for entry in parameters.entries {
            let range = entry.offset..<entry.offset + entry.shape.count
            let gradient = range.map { before[$0] - after[$0] }
            #expect(
                distance(gradient, fixture["\(name)/step.1/gradient.\(entry.path)"].values) < 1e-12, "\(entry.path)")
        }
    }
}
