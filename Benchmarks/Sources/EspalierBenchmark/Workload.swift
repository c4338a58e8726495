import ArgumentParser
import EspalierEngine
import EspalierGraph

/// A network, its batch and its optimiser, as `docs/benchmarks.md` lists them.
enum Workload: String, CaseIterable, ExpressibleByArgument {
    case tiny, mlp, mlpbn

    private var widths: [Int] { self == .tiny ? [784, 100, 100, 100, 100, 100, 10] : [784, 512, 512, 10] }
    private var batchSize: Int { self == .tiny ? 100 : 128 }
    private var normalizes: Bool { self == .mlpbn }
    private var dropout: Double { self == .mlp ? 0.2 : 0 }

    /// Builds and compiles the training step: each call trains once on the same random batch.
    func trainingStep(threads: Int) throws -> () throws -> Void {
        let engine = Engine(threads: threads)
        let state = StepState()
        var builder = StepBuilder(
            widths: widths, normalizes: normalizes, key: state.key, corrections: state.corrections)
        try engine.initialize(builder.parameters, key: [1, 0])
        let inputs = Storage(count: batchSize * widths[0]), labels = Storage(count: batchSize)
        try engine.initialize(inputs, key: [2, 0])
        for index in 0..<batchSize { labels.integers[index] = Int32(index * 7 % 10) }

        let logits = builder.logits(Tensor(inputs, [batchSize, widths[0]]), dropout: dropout)
        let loss = logits.crossEntropy(labels: Tensor(labels, [batchSize], .int32)).mean()
        let gradient = builder.gradient(of: loss)
        let update = self == .tiny ? builder.gradientDescent(gradient, 0.01) : builder.adam(gradient, 0.001)
        let executable = try engine.compile(
            Computation(outputs: [loss], updates: builder.statisticsUpdates + update))
        return {
            state.advance()
            try executable.run()
        }
    }
}

/// What changes from step to step and is no part of the plan: the random key and Adam's bias corrections.
final class StepState {
    let key = Storage(count: 2)
    let corrections = Storage(count: 2)
    private var step: Int32 = 0
    private var powers: (first: Double, second: Double) = (1, 1)

    func advance() {
        step += 1
        powers.first *= 0.9
        powers.second *= 0.999
        key.integers[0] = step
        corrections.floats[0] = Float(1 / (1 - powers.first))
        corrections.floats[1] = Float(1 / (1 - powers.second))
    }
}

/// The graph of a training step over one flat buffer of parameters.
struct StepBuilder {
    let parameters: Storage
    private(set) var statisticsUpdates: [Computation.Update] = []
    private let widths: [Int]
    private let normalizes: Bool
    private let key: Tensor
    private let corrections: Tensor
    private let flat: Tensor
    private var views: [Tensor] = []
    private var used = 0

    init(widths: [Int], normalizes: Bool, key: Storage, corrections: Storage) {
        self.widths = widths
        self.normalizes = normalizes
        self.key = Tensor(key, [2], .int32, name: "key")
        self.corrections = Tensor(corrections, [2], name: "bias corrections")
        let linear = zip(widths, widths.dropFirst()).map { $0 * $1 + $1 }.reduce(0, +)
        let normalization = normalizes ? widths.dropFirst().dropLast().map { 2 * $0 }.reduce(0, +) : 0
        parameters = Storage(count: linear + normalization)
        flat = Tensor(parameters, [parameters.count], name: "parameters")
    }

    private mutating func parameter(_ shape: Shape) -> Tensor {
        let view = flat.slice(used..<used + shape.count).reshaped(to: shape)
        used += shape.count
        views.append(view)
        return view
    }

    mutating func logits(_ batch: Tensor, dropout: Double) -> Tensor {
        var values = batch
        for layer in 1..<widths.count {
            let weight = parameter([widths[layer], widths[layer - 1]])
            values = values.matmul(weight, transposeSecond: true) + parameter([widths[layer]])
            guard layer < widths.count - 1 else { break }
            if normalizes { values = normalized(values) }
            values = values.relu()
            if dropout > 0 {
                let uniform = Tensor.randomUniform(values.shape, key: key, stream: UInt32(layer))
                values = values * (uniform .>= Tensor(dropout)).cast(to: .float32) * (1 / (1 - dropout))
            }
        }
        return values
    }

    /// Batch normalisation with learned scale and shift; the running statistics follow with momentum 0.1.
    private mutating func normalized(_ values: Tensor) -> Tensor {
        let features = values.shape.dimensions[1], count = Double(values.shape.dimensions[0])
        let mean = values.mean(axes: [0]), variance = values.variance(axes: [0])
        for (statistic, scale) in [(mean, 1), (variance, count / (count - 1))] {
            let running = Tensor(Storage(count: features), [features], name: "running statistic")
            statisticsUpdates.append(.init(running, running * 0.9 + statistic * (0.1 * scale)))
        }
        // The stored scale is its difference from one: all parameters start out as small random numbers.
        let scale = parameter([features]) + 1
        return (values - mean) * (variance + 1e-5).rsqrt() * scale + parameter([features])
    }

    func gradient(of loss: Tensor) -> Tensor {
        Tensor.concatenate(loss.gradients(by: views).map { $0.flattened() })
    }

    func gradientDescent(_ gradient: Tensor, _ learningRate: Double) -> [Computation.Update] {
        [.init(flat, flat - gradient * learningRate)]
    }

    /// Adam with bias correction (Kingma and Ba 2015).
    func adam(_ gradient: Tensor, _ learningRate: Double) -> [Computation.Update] {
        let first = Tensor(Storage(count: flat.count), flat.shape, name: "first moment")
        let second = Tensor(Storage(count: flat.count), flat.shape, name: "second moment")
        let newFirst = first * 0.9 + gradient * 0.1
        let newSecond = second * 0.999 + gradient.squared() * 0.001
        let change =
            newFirst * corrections.slice(0..<1) / ((newSecond * corrections.slice(1..<2)).sqrt() + 1e-8)
        return [
            .init(flat, flat - change * learningRate), .init(first, newFirst), .init(second, newSecond),
        ]
    }
}

extension Engine {
    /// Fills `storage` with small random numbers, uniform in [-0.05, 0.05).
    fileprivate func initialize(_ storage: Storage, key: [Int32]) throws {
        let uniform = Tensor.randomUniform([storage.count], key: Tensor(key, [2]))
        _ = storage.floats.update(fromContentsOf: try evaluate([uniform * 0.1 - 0.05])[0])
    }
}
