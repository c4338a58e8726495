import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Testing

@testable import EspalierTraining

/// Twenty steps of every optimiser on a small convolutional network, against PyTorch or the paper's formula: the loss and
/// all parameters after steps 1, 2, 5 and 20, element by element, with the defaults and with other settings.
///
/// As in `TrajectoryTests` the traced step is replayed by the reference in double precision and by the engine in float32;
/// both are compared with what was computed in float64.
@Suite(.serialized) struct OptimizerParityTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var optimizer: any Optimizer
        /// The learning rate's factor at step t is decay^(t - 1).
        var decay = 1.0
        /// What float32 makes of it: by default 8 units in the last place of a tensor's largest element.
        var tolerance = 1e-6
        var testDescription: String { name }

        init(_ name: String, _ optimizer: any Optimizer, decay: Double = 1, tolerance: Double = 1e-6) {
            self.name = name
            self.optimizer = optimizer
            self.decay = decay
            self.tolerance = tolerance
        }
    }

    static let short = (0.8, 0.95)
    static let cases: [Case] = [
        Case("sgd", SGD()),
        Case("sgdOptions", SGD(learningRate: 0.1, momentum: 0.8, nesterov: true)),
        Case("momentum", Momentum()),
        Case("momentumOptions", Momentum(learningRate: 0.1, momentum: 0.8, dampening: 0.5)),
        Case("momentumRateInside", Momentum(learningRate: 0.1, rateInVelocity: true), decay: 0.9),
        Case("nesterov", Nesterov()),
        Case("nesterovRateInside", Nesterov(learningRate: 0.1, rateInVelocity: true), decay: 0.9),
        Case("adaGrad", AdaGrad()),
        Case("adaGradOptions", AdaGrad(learningRate: 0.1, learningRateDecay: 0.1, initialSum: 0.2, eps: 1e-3)),
        Case("adaGradInside", AdaGrad(learningRate: 0.1, eps: 0.01, epsPlace: .inside)),
        Case("rmsProp", RMSProp()),
        Case("rmsPropOptions", RMSProp(learningRate: 0.02, alpha: 0.9, eps: 1e-3, momentum: 0.8, centered: true)),
        Case("rmsPropMomentum", RMSProp(learningRate: 0.005, alpha: 0.9, eps: 1e-3, momentum: 0.8)),
        Case(
            "rmsPropInside",
            RMSProp(learningRate: 0.02, alpha: 0.9, eps: 0.01, momentum: 0.8, epsPlace: .inside, rateInVelocity: true),
            decay: 0.9),
        Case("adam", Adam()),
        Case("adamOptions", Adam(learningRate: 0.02, betas: short, eps: 1e-3, amsgrad: true)),
        Case("adamInside", Adam(learningRate: 0.02, betas: short, eps: 0.01, epsPlace: .inside)),
        Case("adamUncorrected", Adam(learningRate: 0.02, betas: short, eps: 0.01, epsPlace: .uncorrected)),
        Case("adamWithoutCorrection", Adam(learningRate: 0.02, betas: short, eps: 0.01, biasCorrection: false)),
        Case("adamW", AdamW(on: .all)),
        Case("adamWOptions", AdamW(learningRate: 0.02, betas: short, weightDecay: 0.3, on: .all, amsgrad: true)),
        Case("nAdam", NAdam()),
        Case("nAdamOptions", NAdam(learningRate: 0.02, betas: short, eps: 1e-3, momentumDecay: 0.05)),
        Case("rAdam", RAdam()),
        Case("rAdamOptions", RAdam(learningRate: 0.05, betas: short, eps: 1e-3)),
        Case("adaDelta", AdaDelta()),
        Case("adaDeltaOptions", AdaDelta(learningRate: 0.5, rho: 0.8, eps: 1e-3)),
        Case("adaMax", AdaMax()),
        Case("adaMaxOptions", AdaMax(learningRate: 0.02, betas: short, eps: 1e-2)),
        Case("lion", Lion()),
        Case("lionOptions", Lion(learningRate: 0.01, betas: short, weightDecay: 0.3, on: .all)),
        Case("lamb", LAMB()),
        Case(
            "lambOptions",
            LAMB(
                learningRate: 0.02, betas: short, eps: 1e-3, weightDecay: 0.3, ratioOn: .weights, biasCorrection: false)
        ),
        Case("muon", Muon()),
        Case(
            "muonOptions",
            Muon(
                learningRate: 0.05, momentum: 0.8, nesterov: false, iterations: 3, adjustment: .matchRMSAdamW,
                weightDecay: 0.2, others: Adam(learningRate: 0.02, betas: short))),
        Case("muonSpectral", Muon(learningRate: 0.02, adjustment: .spectralUnclamped)),
        Case("adafactor", Adafactor()),
        Case(
            "adafactorOptions",
            Adafactor(
                learningRate: 0.1, beta2Decay: -0.5, eps: (0.02, 0.1), clipping: 1.2, weightDecay: 0.1, on: .all)),
        Case("adafactorSquares", Adafactor(learningRate: 0.05, eps: (1e-3, 1e-3), epsPlace: .squares)),
        // Twenty moves rest on differences of float32 gradients: PyTorch's own float32 is 9e-3 from its float64.
        Case("lbfgs", LBFGS(), tolerance: 1e-2),
        Case("lbfgsOptions", LBFGS(learningRate: 0.5, maxIterations: 3, historySize: 2)),
        Case("lbfgsWolfe", LBFGS(learningRate: 2, maxIterations: 3, lineSearch: .strongWolfe), tolerance: 4e-5),
    ]

    @Test func everyOptimizerIsCompared() throws {
        let file = Set(try Fixture("optimizers", .float64).tensors.keys.map { String($0.prefix { $0 != "/" }) })
        #expect(file == Set(Self.cases.map(\.name) + ["network", "batches"]))
        // Each with its defaults, and with others.
        for name in Registry<any Optimizer>.standard.names {
            #expect(
                Self.cases.contains { $0.name == name } && Self.cases.contains { $0.name.hasPrefix(name + "O") }
                    || name == "nesterov")
        }
    }

    @Test(arguments: cases) func formulas(_ item: Case) throws {
        let fixture = try Fixture("optimizers", .float64)
        var training = try ReferenceSteps(item, fixture)
        try follow(item, fixture, tolerance: item.optimizer is LBFGS ? 1e-10 : 1e-12) { batch, rate, step in
            try training.take(batch, rate: rate, step: step)
        } parameters: {
            training.parameters
        }
    }

    @Test(arguments: cases, [1, 4]) func engine(_ item: Case, threads: Int) throws {
        let fixture = try Fixture("optimizers", .float64)
        let plans = try Self.plans(item, fixture, threads: threads)
        try follow(item, fixture, tolerance: item.tolerance) { batch, rate, step in
            func fill(_ executable: Executable) {
                let computation = plans.trace(.init(purpose: .train, batch: 8))
                for (index, value) in (batch + [ReferenceArray([], [rate]), ReferenceArray([], [step])]).enumerated() {
                    executable.fill(index, value, computation.inputs[index].dtype)
                }
            }
            let executable = try plans.plan(.init(purpose: .train, batch: 8))
            fill(executable)
            try executable.run()
            if let search = plans.search {
                let again = try plans.plan(.init(purpose: .search, batch: 8))
                fill(again)
                _ = try search.step(executable, again, learningRate: rate)
            }
            return Double(executable.output(0)[0])
        } parameters: {
            plans.state.parameters.storage.floats.map(Double.init)
        }
    }

    // What is trained

    static func plans(_ item: Case, _ fixture: Fixture, threads: Int = 1) throws -> StepPlans {
        let model = Sequential {
            Conv2d(1, 3, kernelSize: 2)
            Tanh()
            Flatten()
            Linear(27, 4)
        }
        let state = try ModelState(model, seed: 0) { StepPlans.group(of: $0, WeightPenalty(), item.optimizer) }
        for (path, value) in fixture.all("network/parameter.") {
            _ = try #require(state.parameters.values(path)).update(fromContentsOf: value.values.map(Float.init))
        }
        #expect(state.parameters.entries.count == 4)
        return StepPlans(
            state, loss: CrossEntropyLoss(), metrics: [], optimizer: item.optimizer, penalty: WeightPenalty(),
            sampleShape: [1, 4, 4], targetShape: [], targetScaler: nil, engine: Engine(threads: threads))
    }

    /// Takes steps as long as the fixtures go, and compares.
    private func follow(
        _ item: Case, _ fixture: Fixture, tolerance: Double,
        step take: ([ReferenceArray], _ rate: Double, _ step: Double) throws -> Double, parameters: () -> [Double]
    ) throws {
        let entries = try Self.plans(item, fixture).state.parameters.entries
        var compared = 0
        for step in 1...20 {
            let batch = "batches/\((step - 1) % 5 + 1)/"
            var rate = item.optimizer.learningRate
            for _ in 1..<step { rate *= item.decay }
            let loss = try take([fixture[batch + "input"], fixture[batch + "label"]], rate, Double(step))
            let expected = fixture.all("\(item.name)/step.\(step)/")
            guard !expected.isEmpty else { continue }
            let values = parameters()
            for (name, value) in expected {
                let entry = entries.first { $0.path == name }
                let found = entry.map { Array(values[$0.offset..<$0.offset + $0.shape.count]) } ?? [loss]
                let error = distance(found, value.values)
                #expect(error <= tolerance, "step \(step), \(name): \(error) of the largest")
            }
            compared += expected.count
        }
        #expect(compared == fixture.all("\(item.name)/step.").count && compared >= 5)
    }

    /// The traced steps, evaluated in double precision.
    struct ReferenceSteps {
        private let plans: StepPlans
        private let computation: Computation
        private let search: LBFGS.Search?
        private var values: [Tensor: ReferenceArray] = [:]

        init(_ item: Case, _ fixture: Fixture) throws {
            plans = try OptimizerParityTests.plans(item, fixture)
            computation = plans.trace(.init(purpose: .train, batch: 8))
            search = (item.optimizer as? LBFGS).map(LBFGS.Search.init)
            let parameters = plans.state.parameters
            for target in computation.updates.map(\.target) + [parameters.tensor] {
                values[target] = ReferenceArray(target.shape, target.leaf!.storage!.floats.map(Double.init))
            }
            for entry in parameters.entries {
                values[parameters.tensor]!.values.replaceSubrange(
                    entry.offset..<entry.offset + entry.shape.count,
                    with: fixture["network/parameter.\(entry.path)"].values)
            }
        }

        var parameters: [Double] { values[plans.state.parameters.tensor]!.values }

        mutating func take(_ batch: [ReferenceArray], rate: Double, step: Double) throws -> Double {
            let inputs = batch + [ReferenceArray([], [rate]), ReferenceArray([], [step])]
            let results = evaluate(inputs)
            for (update, value) in zip(computation.updates, results.updates) { values[update.target] = value }
            guard let search else { return results.loss }
            let tensor = plans.state.parameters.tensor, start = parameters
            let end = search.step(
                from: start, learningRate: rate, (results.loss, results.updates[0].values)
            ) { point in
                values[tensor]!.values = point
                let results = evaluate(inputs)
                return (results.loss, results.updates[0].values)
            }
            values[tensor]!.values = end
            return results.loss
        }

        private func evaluate(_ inputs: [ReferenceArray]) -> (loss: Double, updates: [ReferenceArray]) {
            let feed = values.merging(zip(computation.inputs, inputs)) { $1 }
            let results = Reference.evaluate(computation.outputs + computation.updates.map(\.value), feed)
            return (results[0].values[0], Array(results.dropFirst(computation.outputs.count)))
        }
    }
}
