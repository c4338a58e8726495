import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import Testing

@testable import EspalierTraining

/// Small data and models that a trainer is tested with.
enum Toy {
    /// Points around three corners, one class each; `noise` 0.3 keeps them apart.
    static func blobs(_ count: Int, noise: Double = 0.3, seed: UInt64 = 1, classes: Int = 3) throws -> Dataset {
        var random = RandomStream(seed: seed, "blobs")
        let centres = [[2.0, 0, 0, 1], [0, 2, 0, -1], [0, 0, 2, 0]]
        let labels = (0..<count).map { Int32($0 % 3) }
        let inputs = labels.flatMap { label in centres[Int(label)].map { Float($0 + noise * random.normal()) } }
        return try Dataset(
            name: "blobs", sampleShape: [4], inputs: inputs,
            targets: .classes(labels, names: (0..<classes).map(String.init)))
    }

    /// Points whose labels have nothing to do with them: all that can be learned is by heart.
    static func chance(_ count: Int, seed: UInt64) throws -> Dataset {
        var random = RandomStream(seed: seed, "chance")
        let inputs = (0..<count * 4).map { _ in Float(random.normal()) }
        let labels = (0..<count).map { _ in Int32(random.uniform() * 3) }
        return try Dataset(
            name: "chance", sampleShape: [4], inputs: inputs, targets: .classes(labels, names: ["a", "b", "c"]))
    }

    /// Two values of four: y = (x_0 - 2 x_1, x_2 x_3).
    static func line(_ count: Int) throws -> Dataset {
        var random = RandomStream(seed: 4, "line")
        let inputs = (0..<count * 4).map { _ in Float(random.normal()) }
        let values = (0..<count).flatMap { row in
            let x = inputs[row * 4..<row * 4 + 4].map { $0 }
            return [x[0] - 2 * x[1], x[2] * x[3]]
        }
        return try Dataset(
            name: "line", sampleShape: [4], inputs: inputs, targets: .values(values, width: 2, names: ["a", "b"]))
    }

    /// With all that a training step can hold: normalisation, dropout, weights and biases.
    ///
    /// A bias before the normalisation would have no gradient but rounding, which Adam magnifies.
    static func model(outputs: Int = 3) -> Sequential {
        Sequential {
            Linear(4, 16, bias: false)
            BatchNorm(16)
            ReLU()
            Dropout(p: 0.2)
            Linear(16, outputs)
        }
    }

    static func plainModel(outputs: Int = 3) -> Sequential {
        Sequential {
            Linear(4, 12)
            Tanh()
            Linear(12, outputs)
        }
    }

    static func trainer(
        _ model: Sequential = model(), loss: any Loss = CrossEntropyLoss(), metrics: [any Metric] = [Accuracy()],
        optimizer: any Optimizer = Adam(learningRate: 0.01), schedule: any Schedule = ConstantSchedule(),
        penalty: WeightPenalty = WeightPenalty(), gradient: GradientSettings = GradientSettings(),
        groups: [ParameterGroup] = [], averaging: Averaging = .none, epochs: Int = 4, batchSize: Int = 16,
        seed: Int = 5, evaluateEvery: EvaluationInterval = .epoch,
        dropLast: Bool = false, callbacks: [any Callback] = [], doctor: DoctorSettings = .off, targetShape: Shape = [],
        threads: Int = 1
    ) throws -> Trainer {
        try Trainer(
            model, loss: loss, metrics: metrics, optimizer: optimizer, schedule: schedule, penalty: penalty,
            gradient: gradient, groups: groups, averaging: averaging,
            settings: TrainingSettings(
                epochs: epochs, batchSize: batchSize, seed: seed, evaluateEvery: evaluateEvery, dropLast: dropLast),
            callbacks: callbacks, doctor: doctor, sampleShape: [4], targetShape: targetShape,
            engine: Engine(threads: threads))
    }
}

/// Keeps every event, and does something at each if asked to.
final class Recorder: TrainingListener {
    var events: [TrainingEvent] = []
    var action: (TrainingEvent) throws -> Void = { _ in }

    func handle(_ event: TrainingEvent) throws {
        events.append(event)
        try action(event)
    }

    var names: [String] {
        events.map { event in
            switch event {
            case .start: "start"
            case .step(let step, let epoch, _, _, _): "step \(step).\(epoch)"
            case .probe(let probe): "probe \(probe.step)"
            case .curvature(let curvature): "curvature \(curvature.step)"
            case .baselines: "baselines"
            case .finding(let finding): "finding \(finding.symptom)"
            case .validation(let record): "validation \(record.step)"
            case .epoch(let record): "epoch \(record.epoch)"
            case .trace(let trace): "trace \(trace.plan)"
            case .stop(let result): "stop \(result.status)"
            case .nonFinite(let record): "nonFinite \(record.step)"
            case .checkpoint(let record): "checkpoint \(record.step)"
            case .resume(let record): "resume \(record.step)"
            }
        }
    }

    var rates: [Double] { events.compactMap { if case .step(_, _, _, _, let rate) = $0 { rate } else { nil } } }
    var losses: [Double] { events.compactMap { if case .step(_, _, _, let loss, _) = $0 { loss } else { nil } } }
}

extension Trainer {
    /// Attaches a recorder.
    func recorded() -> Recorder {
        let recorder = Recorder()
        listeners.append(recorder)
        return recorder
    }
}

/// The same steps in double precision: the trainer's traced graphs, evaluated by the reference.
struct ReferenceTraining {
    let plans: StepPlans
    let seed: Int
    private(set) var step = 0
    private var values: [Tensor: ReferenceArray] = [:]

    /// - Parameter model: A model like that of the trainer that is to be compared with.
    init(
        _ model: Sequential, loss: any Loss = CrossEntropyLoss(), optimizer: any Optimizer,
        penalty: WeightPenalty = WeightPenalty(), seed: Int = 5, targetShape: Shape = []
    ) throws {
        self.seed = seed
        let state = try ModelState(model, seed: UInt64(seed)) { penalty.applies(to: $0) ? 0 : penalty.l2 > 0 ? 1 : 0 }
        plans = StepPlans(
            state, loss: loss, metrics: [], optimizer: optimizer, penalty: penalty, sampleShape: [4],
            targetShape: targetShape, targetScaler: nil, engine: Engine(threads: 1))
    }

    /// A step on `rows`: the loss before it.
    mutating func take(_ rows: some Collection<Int>, of data: Dataset, rate: Double) -> Double {
        let computation = plans.trace(.init(purpose: .train, batch: rows.count))
        for update in computation.updates where values[update.target] == nil {
            let floats = update.target.leaf!.storage!.floats
            values[update.target] = ReferenceArray(update.target.shape, floats.map(Double.init))
        }
        step += 1
        plans.state.setKey(RandomKey(seed: UInt64(seed), step: step))
        let inputs = Self.batch(rows, of: data) + [ReferenceArray([], [rate]), ReferenceArray([], [Double(step)])]
        let feed = values.merging(zip(computation.inputs, inputs)) { $1 }
        let results = Reference.evaluate(computation.outputs + computation.updates.map(\.value), feed)
        for (update, value) in zip(computation.updates, results.dropFirst(computation.outputs.count)) {
            values[update.target] = value
        }
        return results[0].values[0]
    }

    /// The loss on all of `data` in inference, with the parameters as they are now.
    func evaluate(_ data: Dataset) -> Double {
        let computation = plans.trace(.init(purpose: .evaluate, batch: data.count))
        let feed = values.merging(zip(computation.inputs, Self.batch(Array(0..<data.count), of: data))) { $1 }
        return Reference.evaluate(computation.outputs, feed)[0].values[0]
    }

    static func batch(_ rows: some Collection<Int>, of data: Dataset) -> [ReferenceArray] {
        let part = data[rows]
        let inputs = ReferenceArray(Shape([part.count] + part.sampleShape), part.inputs.map(Double.init))
        switch part.targets {
        case .classes(let labels, _): return [inputs, ReferenceArray([part.count], labels.map(Double.init))]
        case .values(let values, let width, _):
            return [inputs, ReferenceArray([part.count, width], values.map(Double.init))]
        }
    }

    var parameters: [Double] { values[plans.state.parameters.tensor]!.values }
    var statistics: [Double] { values[plans.state.statistics.tensor]!.values }
}
