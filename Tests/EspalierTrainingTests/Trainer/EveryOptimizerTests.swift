import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Testing

@testable import EspalierTraining

/// Every registered optimiser, from its configuration: one that is added without a line here fails.
@Suite(.serialized) struct EveryOptimizerTests {
    static let names = Registry<any Optimizer>.standard.names

    /// Settings under which a small network learns in some epochs.
    static let settings: [String: ConfigurationValue] = [
        "sgd": ["learningRate": 0.1], "momentum": ["learningRate": 0.02], "nesterov": ["learningRate": 0.02],
        "adaGrad": ["learningRate": 0.05], "rmsProp": ["learningRate": 0.005], "adam": ["learningRate": 0.01],
        "adamW": ["learningRate": 0.01], "nAdam": ["learningRate": 0.01], "rAdam": ["learningRate": 0.02],
        "adaDelta": ["learningRate": 2], "adaMax": ["learningRate": 0.02], "lion": ["learningRate": 0.002],
        "lamb": ["learningRate": 0.03], "muon": ["learningRate": 0.02, "others": ["learningRate": 0.01]],
        "adafactor": ["learningRate": 0.05], "lbfgs": ["maxIterations": 4, "lineSearch": "strongWolfe"],
    ]

    static func optimizer(_ name: String) throws -> any Optimizer {
        let settings = try #require(settings[name], "give \(name) settings under which a small network learns")
        return try Registry<any Optimizer>.standard.read(ConfigurationNode(.map([.init(name, settings)])))
    }

    /// Mean squared error of a linear model, in one batch: a quadratic with a known least value, zero.
    @Test(arguments: names) func aQuadraticFalls(_ name: String) throws {
        var random = RandomStream(seed: 2, "quadratic")
        let inputs = (0..<160).map { _ in Float(random.normal()) }
        let values = (0..<40).map { row -> Float in
            let x = inputs[4 * row], y = inputs[4 * row + 1]
            return x - 2 * y + 0.5
        }
        let data = try Dataset(
            name: "plane", sampleShape: [4], inputs: inputs, targets: .values(values, width: 1, names: ["y"]))
        let trainer = try Toy.trainer(
            Sequential { Linear(4, 1) }, loss: MeanSquaredError(), metrics: [], optimizer: Self.optimizer(name),
            epochs: 150, batchSize: 40, targetShape: [1])
        let recorder = trainer.recorded()
        #expect(try trainer.fit(data).status == .completed)
        let (first, last) = (try #require(recorder.losses.first), try #require(recorder.losses.last))
        #expect(last < (name == "lbfgs" ? 1e-10 : 0.8) * first, "\(first) to \(last)")
    }

    /// Four epochs on the digits: far above chance.
    @Test(arguments: names) func theDigitsAreLearned(_ name: String) throws {
        let settings = try #require(Self.settings[name])
        let experiment = try Experiment(
            configuration: ConfigurationNode([
                "data": ["source": "digits"], "optimizer": .map([.init(name, settings)]),
                "model": [["linear": ["units": 32]], "relu", ["linear": ["units": "auto"]]],
                "training": ["epochs": 4, "batchSize": 64, "seed": 3],
            ]))
        let prepared = try experiment.prepare()
        let trainer = try Trainer(
            prepared.model, loss: prepared.loss, metrics: prepared.metrics, optimizer: experiment.optimizer,
            settings: experiment.training, sampleShape: [64], engine: Engine(threads: 1))
        _ = try trainer.fit(prepared.data.train, validation: prepared.data.validation)
        let test = try #require(prepared.data.test)
        let accuracy = try #require(trainer.evaluate(test)["accuracy"])
        #expect(accuracy > 0.8, "\(accuracy)")
    }

    /// The engine follows the reference, over batches of two sizes, with normalisation and coupled L2.
    @Test(arguments: names.filter { $0 != "lbfgs" }) func stepsAreThoseOfTheReference(_ name: String) throws {
        let optimizer = try Self.optimizer(name), data = try Toy.blobs(40)
        let penalty = WeightPenalty(l2: 0.05)
        let trainer = try Toy.trainer(optimizer: optimizer, penalty: penalty, epochs: 2)
        _ = try trainer.fit(data)
        var reference = try ReferenceTraining(Toy.model(), optimizer: optimizer, penalty: penalty)
        for epoch in 1...2 {
            for rows in Batches(DataOrder.permutation(count: 40, seed: 5, epoch: epoch), size: 16) {
                _ = reference.take(rows, of: data, rate: optimizer.learningRate)
            }
        }
        // A sign decides on a step in lion's case, and may tip by rounding alone.
        let tolerance = name == "lion" ? 2e-2 : 1e-4
        for entry in trainer.state.parameters.entries {
            let found = try #require(trainer.state.parameters.values(entry.path)).map(Double.init)
            let path = try #require(reference.plans.state.parameters.entries.first { $0.path == entry.path })
            let expected = reference.parameters[path.offset..<path.offset + path.shape.count]
            #expect(distance(found, Array(expected)) < tolerance, "\(entry.path)")
        }
    }

    /// What works element by element is one pass over all parameters, whatever they are.
    @Test(arguments: names) func oneKernelForAllParameters(_ name: String) throws {
        func trainer(_ layers: Int, _ optimizer: any Optimizer) throws -> Trainer {
            let model = Sequential {
                Linear(4, 8)
                for _ in 0..<layers { Linear(8, 8) }
                Linear(8, 3)
            }
            return try Toy.trainer(model, optimizer: optimizer)
        }
        func kernels(_ layers: Int, _ optimizer: any Optimizer) throws -> Int {
            try trainer(layers, optimizer).plan(batchSize: 16).kernelCount
        }
        let optimizer = try Self.optimizer(name)
        guard !optimizer.isPerParameter else { return }
        let growth = try kernels(3, SGD()) - kernels(1, SGD())
        #expect(try kernels(3, optimizer) - kernels(1, optimizer) == growth)
        // One pass for each group that decays or does not, and the scalars of some.
        let (found, plain) = (try kernels(1, optimizer), try kernels(1, SGD()))
        let groups = try trainer(1, optimizer).state.groups.count
        #expect(found <= plain + 3 * groups, "\(found) kernels, \(plain) for plain descent")
    }

    /// Gaps between parameters and kept values stay zero, as what follows takes norms of whole memories.
    @Test(arguments: names) func gapsStayZero(_ name: String) throws {
        let trainer = try Toy.trainer(optimizer: Self.optimizer(name), epochs: 3)
        _ = try trainer.fit(Toy.blobs(48))
        let parameters = trainer.state.parameters
        var isGap = [Bool](repeating: true, count: parameters.storage.count)
        for entry in parameters.entries {
            for index in entry.offset..<entry.offset + entry.shape.count { isGap[index] = false }
        }
        #expect(isGap.contains(true))
        for index in isGap.indices where isGap[index] { #expect(parameters.storage.floats[index] == 0) }
    }

    @Test(arguments: names) func aStepIsTheSameForAnyNumberOfThreads(_ name: String) throws {
        func parameters(threads: Int) throws -> [Float] {
            let trainer = try Toy.trainer(optimizer: Self.optimizer(name), epochs: 2, threads: threads)
            _ = try trainer.fit(Toy.blobs(40))
            return Array(trainer.state.parameters.storage.floats)
        }
        #expect(try parameters(threads: 1) == parameters(threads: 4))
    }
}

/// What is particular to optimisers that do not work element by element.
@Suite(.serialized) struct OptimizerMemoryTests {
    static func plans(_ optimizer: any Optimizer) throws -> StepPlans {
        let model = Sequential {
            Linear(4, 6)
            Tanh()
            Linear(6, 3)
        }
        let state = try ModelState(model, seed: 1) { StepPlans.group(of: $0, WeightPenalty(), optimizer) }
        return StepPlans(
            state, loss: CrossEntropyLoss(), metrics: [], optimizer: optimizer, penalty: WeightPenalty(),
            sampleShape: [4], targetShape: [], targetScaler: nil, engine: Engine(threads: 1))
    }

    /// Adafactor keeps 6 + 4 and 3 + 6 values for its matrices, and those of the biases.
    @Test func factorsAreSmallerThanTheParameters() throws {
        let memory = try Self.plans(Adafactor()).memory
        #expect(memory.storages.map(\.name) == ["rows", "columns", "secondMoment"])
        #expect(memory.buffer("rows")?.entries.map(\.shape) == [[6, 1], [3, 1]])
        #expect(memory.buffer("columns")?.entries.map(\.shape) == [[1, 4], [1, 6]])
        #expect(memory.buffer("secondMoment")?.entries.map(\.shape) == [[6], [3]])
    }

    @Test func matricesAndOthersKeepTheirOwn() throws {
        let memory = try Self.plans(Muon()).memory
        #expect(memory.storages.map(\.name) == ["momentum", "firstMoment", "secondMoment"])
        #expect(memory.buffer("momentum")?.entries.map(\.path) == ["0.weight", "2.weight"])
        #expect(memory.buffer("firstMoment")?.entries.map(\.path) == ["0.bias", "2.bias"])
    }

    @Test func aScalarIsKeptOnceAGroup() throws {
        let memory = try Self.plans(NAdam()).memory
        #expect(memory.buffer("correction")?.entries.map(\.shape) == [[]])
    }

    /// The probe of a search shows the change that its moves made, and the step's first loss is what is reported.
    @Test func aSearchIsProbed() throws {
        let trainer = try Toy.trainer(
            Toy.plainModel(), optimizer: LBFGS(maxIterations: 3), penalty: WeightPenalty(l2: 0.1), epochs: 2,
            batchSize: 48, doctor: DoctorSettings(probeEvery: 1))
        let before = Array(trainer.state.parameters.storage.floats), recorder = trainer.recorded()
        var after: [[Float]] = []
        recorder.action = { event in
            if case .step = event { after.append(Array(trainer.state.parameters.storage.floats)) }
        }
        let data = try Toy.blobs(48)
        let first = try trainer.evaluate(data).loss
        _ = try trainer.fit(data)
        #expect(abs(recorder.losses[0] - first) < 1e-5)
        let probes = recorder.events.compactMap { event in
            if case .probe(let probe) = event { probe.parameters } else { nil }
        }
        let states = [before] + after
        for (step, probe) in probes.enumerated() {
            for (entry, probe) in zip(trainer.state.parameters.entries, probe) {
                let range = entry.offset..<entry.offset + entry.shape.count
                let change = range.reduce(0.0) { sum, index in
                    let difference = Double(states[step + 1][index]) - Double(states[step][index])
                    return sum + difference * difference
                }
                #expect(abs(probe.updateNorm - change.squareRoot()) < 1e-5 * max(1, change.squareRoot()))
                #expect(probe.updateNorm > 0)
            }
        }
    }

    /// The penalty is part of what a line search compares: it comes to rest where the gradient of both is zero.
    @Test func aSearchMinimizesLossAndPenalty() throws {
        let penalty = WeightPenalty(l2: 0.5, on: .all)
        let data = try Toy.blobs(48)
        let trainer = try Toy.trainer(
            Sequential { Linear(4, 3) }, optimizer: LBFGS(maxIterations: 10, lineSearch: .strongWolfe),
            penalty: penalty, epochs: 10, batchSize: 48)
        _ = try trainer.fit(data)
        let parameters = Array(trainer.state.parameters.storage.floats)
        // A step of plain descent from there hardly moves.
        let descent = try Toy.trainer(
            Sequential { Linear(4, 3) }, optimizer: SGD(learningRate: 1), penalty: penalty, epochs: 1, batchSize: 48)
        _ = descent.state.parameters.storage.floats.update(fromContentsOf: parameters)
        _ = try descent.fit(data)
        let moved = zip(parameters, descent.state.parameters.storage.floats).map { abs($0 - $1) }.max() ?? 1
        #expect(moved < 2e-4, "\(moved)")
    }

    /// Running statistics follow the first evaluation of a step alone.
    @Test func aSearchCountsABatchOnce() throws {
        func statistics(_ optimizer: any Optimizer) throws -> [Float] {
            let trainer = try Toy.trainer(optimizer: optimizer, epochs: 1, batchSize: 48)
            _ = try trainer.fit(Toy.blobs(48))
            return Array(trainer.state.statistics.storage.floats)
        }
        #expect(try statistics(LBFGS(maxIterations: 5)) == statistics(SGD()))
    }
}
