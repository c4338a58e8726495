import EspalierEngine
import EspalierGraph
import EspalierNN
import Testing

@testable import EspalierTraining

/// Five steps of a small convolutional network under SGD with momentum, against PyTorch: every loss, and all parameters,
/// momenta and running statistics after the first and the last step.
///
/// As in `TrajectoryTests`, the traced step is evaluated by the reference, to 1e-12 of a tensor's largest element (three
/// normalisations one after the other magnify rounding), and run by the engine.
@Suite(.serialized) struct ConvolutionalTrajectoryTests {
    static let steps = 5
    static let batch = 6

    static var model: Sequential {
        Sequential {
            Conv2d(3, 6, kernelSize: 3, padding: 1, bias: false)
            BatchNorm(6)
            ReLU()
            MaxPool2d(kernelSize: 2)
            Conv2d(6, 6, kernelSize: 3, padding: 1)
            ReLU()
            Residual {
                Conv2d(6, 8, kernelSize: 3, stride: 2, padding: 1, bias: false)
                BatchNorm(8)
                ReLU()
                Conv2d(8, 8, kernelSize: 3, padding: 1, groups: 2, bias: false)
                BatchNorm(8)
            } shortcut: {
                Conv2d(6, 8, kernelSize: 1, stride: 2, bias: false)
                BatchNorm(8)
            }
            ReLU()
            Residual {
                Conv2d(8, 8, kernelSize: 3, padding: 1)
                ReLU()
            }
            AdaptiveAvgPool2d(1)
            Flatten()
            Linear(8, 4)
        }
    }

    private let fixture: Fixture
    private let plans: StepPlans
    private let key = StepPlans.Key(purpose: .train, batch: batch)

    init() throws {
        fixture = try Fixture("convolutionalTrajectory", .float64)
        let state = try ModelState(Self.model, seed: 0)
        let first = fixture.all("training/parameter.")
        #expect(state.parameters.entries.count == first.count)
        for (path, value) in first {
            _ = try #require(state.parameters.values(path)).update(fromContentsOf: value.values.map(Float.init))
        }
        plans = StepPlans(
            state, loss: CrossEntropyLoss(), metrics: [], optimizer: SGD(learningRate: 0.05, momentum: 0.9),
            penalty: WeightPenalty(), sampleShape: [3, 9, 8], targetShape: [], targetScaler: nil,
            engine: Engine(threads: 2))
    }

    @Test func formulas() throws {
        let computation = plans.trace(key)
        var values: [Tensor: ReferenceArray] = [:]
        for update in computation.updates {
            values[update.target] = ReferenceArray(
                update.target.shape, update.target.leaf!.storage!.floats.map(Double.init))
        }
        // The scales of normalisation were drawn as 1 + x, which float32 would round.
        let parameters = plans.state.parameters
        for entry in parameters.entries {
            let range = entry.offset..<entry.offset + entry.shape.count
            values[parameters.tensor]!.values.replaceSubrange(
                range, with: fixture["training/parameter.\(entry.path)"].values)
        }
        try follow(computation, tolerance: 1e-12) { inputs in
            let feed = values.merging(zip(computation.inputs, inputs)) { $1 }
            let outputs = computation.outputs
            let results = Reference.evaluate(outputs + computation.updates.map(\.value), feed)
            for (update, value) in zip(computation.updates, results.dropFirst(outputs.count)) {
                values[update.target] = value
            }
            return results[0].values[0]
        } state: { target in
            values[target]!.values
        }
    }

    @Test func engine() throws {
        let computation = plans.trace(key)
        let executable = try plans.plan(key)
        try follow(computation, tolerance: 1e-5) { inputs in
            for (index, value) in inputs.enumerated() {
                executable.fill(index, value, computation.inputs[index].dtype)
            }
            try executable.run()
            return Double(executable.output(0)[0])
        } state: { target in
            target.leaf!.storage!.floats.map(Double.init)
        }
    }

    private func follow(
        _ computation: Computation, tolerance: Double, run: ([ReferenceArray]) throws -> Double,
        state: (Tensor) -> [Double]
    ) throws {
        for step in 1...Self.steps {
            let loss = try run([
                fixture["batches/step.\(step)/input"], fixture["batches/step.\(step)/label"],
                ReferenceArray([], [0.05]), ReferenceArray([], [Double(step)]),
            ])
            let prefix = "training/step.\(step)/"
            check([loss], prefix + "loss", tolerance)
            guard step == 1 || step == Self.steps else { continue }
            var compared = 1
            func compare(_ kind: String, _ buffer: FlatBuffer, _ values: [Double]) {
                for entry in buffer.entries {
                    let part = Array(values[entry.offset..<entry.offset + entry.shape.count])
                    check(part, "\(prefix)\(kind).\(entry.path)", tolerance)
                    compared += 1
                }
            }
            let model = plans.state
            let velocity = try #require(computation.updates.first { $0.target.leaf?.storage === plans.slots[0] }).target
            compare("parameter", model.parameters, state(model.parameters.tensor))
            compare("momentum_buffer", model.parameters, state(velocity))
            compare("buffer", model.statistics, state(model.statistics.tensor))
            #expect(compared == fixture.all(prefix).count, "all that the fixtures have is compared")
        }
    }

    private func check(_ values: [Double], _ name: String, _ tolerance: Double) {
        let found = distance(values, fixture[name].values)
        #expect(found <= tolerance, "\(name): \(found) of the largest, more than \(tolerance)")
    }
}
