import EspalierEngine
import EspalierGraph
import EspalierNN
import Testing

@testable import EspalierTraining

/// Five steps of training under each penalty and constraint, against PyTorch's optimisers with the same written out.
///
/// Evaluated by the `Double` reference every parameter agrees with the float64 file to 1e-13 of the tensor's largest
/// element after each step; the engine in float32 to 2e-6, some 16 units in the last place, as Adam magnifies rounding.
@Suite(.serialized) struct RegularizationParityTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var penalty: WeightPenalty
        var optimizer: any Optimizer = SGD(learningRate: 0.125, momentum: 0.5)
        var isConvolutional = false
        var testDescription: String { name }

        var model: Sequential {
            isConvolutional
                ? Sequential {
                    Conv2d(2, 4, kernelSize: 2)
                    Tanh()
                    ConvTransposed2d(4, 6, kernelSize: 2, groups: 2)
                    Tanh()
                    Flatten()
                    Linear(72, 4)
                }
                : Sequential {
                    Linear(6, 5)
                    Tanh()
                    Linear(5, 4)
                }
        }
    }

    static let adam = Adam(learningRate: 0.03125)
    static let cases: [Case] = [
        Case(name: "l1", penalty: WeightPenalty(l1: 0.0625)),
        Case(name: "l1Proximal", penalty: WeightPenalty(l1: L1Penalty(0.5, proximal: true))),
        Case(name: "l1ProximalAdam", penalty: WeightPenalty(l1: L1Penalty(0.5, proximal: true)), optimizer: adam),
        Case(name: "elastic", penalty: WeightPenalty(l1: 0.0625, l2: 0.125), optimizer: adam),
        Case(name: "l2Adam", penalty: WeightPenalty(l2: 0.25), optimizer: adam),
        Case(name: "weightDecay", penalty: WeightPenalty(weightDecay: 0.25)),
        Case(name: "weightDecayAdam", penalty: WeightPenalty(weightDecay: 0.25), optimizer: adam),
        Case(name: "maxNorm", penalty: WeightPenalty(maxNorm: 0.75)),
        Case(name: "maxNormConvolutional", penalty: WeightPenalty(maxNorm: 0.75), isConvolutional: true),
        Case(name: "unitNorm", penalty: WeightPenalty(unitNorm: true), optimizer: adam),
        Case(name: "nonNegative", penalty: WeightPenalty(nonNegative: true)),
    ]

    @Test func everyCaseIsCompared() throws {
        let files = Set(try Fixture("regularization", .float64).tensors.keys.map { String($0.prefix { $0 != "/" }) })
        #expect(files == Set(Self.cases.map(\.name) + ["batch"]))
    }

    /// The plans of a case at its first parameters, and what a step takes in.
    func setUp(_ item: Case, _ fixture: Fixture) throws -> (plans: StepPlans, batch: [ReferenceArray]) {
        let state = try ModelState(item.model, seed: 0) { StepPlans.group(of: $0, item.penalty, item.optimizer) }
        for (path, value) in fixture.all("\(item.name)/parameter.") {
            _ = try #require(state.parameters.values(path)).update(fromContentsOf: value.values.map(Float.init))
        }
        let plans = StepPlans(
            state, loss: CrossEntropyLoss(), metrics: [], optimizer: item.optimizer, penalty: item.penalty,
            sampleShape: item.isConvolutional ? [2, 4, 3] : [6], targetShape: [], targetScaler: nil,
            engine: Engine(threads: 1))
        let batch = "batch/\(item.isConvolutional ? "convolutional" : "dense")/"
        return (
            plans,
            [fixture[batch + "input"], fixture[batch + "label"], ReferenceArray([], [item.optimizer.learningRate])]
        )
    }

    func compare(
        _ item: Case, _ fixture: Fixture, _ state: ModelState, step: Int, _ values: [Double], _ tolerance: Double
    ) {
        for entry in state.parameters.entries {
            let found = distance(
                values[entry.offset..<entry.offset + entry.shape.count],
                fixture["\(item.name)/step.\(step)/parameter.\(entry.path)"].values)
            #expect(found <= tolerance, "step \(step), \(entry.path): \(found)")
        }
    }

    @Test(arguments: cases) func formulas(_ item: Case) throws {
        let fixture = try Fixture("regularization", .float64)
        let (plans, batch) = try setUp(item, fixture)
        let computation = plans.trace(.init(purpose: .train, batch: 12))
        var values: [Tensor: ReferenceArray] = [:]
        for update in computation.updates {
            values[update.target] = ReferenceArray(
                update.target.shape, update.target.leaf!.storage!.floats.map(Double.init))
        }
        for step in 1...5 {
            let inputs = batch + [ReferenceArray([], [Double(step)])]
            let feed = values.merging(zip(computation.inputs, inputs)) { $1 }
            let results = Reference.evaluate(computation.outputs + computation.updates.map(\.value), feed)
            for (update, value) in zip(computation.updates, results.dropFirst(computation.outputs.count)) {
                values[update.target] = value
            }
            #expect(distance(results[0].values, fixture["\(item.name)/step.\(step)/loss"].values) <= 1e-13)
            let parameters = try #require(values[plans.state.parameters.tensor]).values
            compare(item, fixture, plans.state, step: step, parameters, 1e-13)
        }
    }

    @Test(arguments: cases) func engine(_ item: Case) throws {
        let fixture = try Fixture("regularization", .float64)
        let (plans, batch) = try setUp(item, fixture)
        let executable = try plans.plan(.init(purpose: .train, batch: 12))
        for step in 1...5 {
            for (index, value) in (batch + [ReferenceArray([], [Double(step)])]).enumerated() {
                executable.fill(index, value, index == 1 ? .int32 : .float32)
            }
            try executable.run()
            compare(
                item, fixture, plans.state, step: step, plans.state.parameters.storage.floats.map(Double.init), 2e-6)
        }
        let zeros = plans.state.zeroWeightCount
        // What can reach exact zeros does; a subgradient does not.
        #expect((zeros > 0) == ["l1Proximal", "l1ProximalAdam", "nonNegative"].contains(item.name), "\(zeros)")
    }
}
