import ArgumentParser
import Espalier

/// A network, its batch and its optimiser, as `docs/benchmarks.md` lists them, written as any user would.
enum Workload: String, CaseIterable, ExpressibleByArgument {
    case tiny, mlp, mlpbn

    private var batchSize: Int { self == .tiny ? 100 : 128 }

    private var model: Sequential {
        switch self {
        case .tiny:
            Sequential {
                for layer in 0..<5 {
                    Linear(layer == 0 ? 784 : 100, 100)
                    ReLU()
                }
                Linear(100, 10)
            }
        case .mlp:
            Sequential {
                Linear(784, 512)
                ReLU()
                Dropout(p: 0.2)
                Linear(512, 512)
                ReLU()
                Dropout(p: 0.2)
                Linear(512, 10)
            }
        case .mlpbn:
            Sequential {
                Linear(784, 512)
                BatchNorm(512)
                ReLU()
                Linear(512, 512)
                BatchNorm(512)
                ReLU()
                Linear(512, 10)
            }
        }
    }

    private var optimizer: any Optimizer { self == .tiny ? SGD(learningRate: 0.01) : Adam(learningRate: 0.001) }

    /// Builds the training step: each call trains once on the same random batch, which is copied in anew every time.
    func trainingStep(threads: Int) throws -> () throws -> Void {
        var random = RandomStream(seed: 1, rawValue)
        let inputs = (0..<batchSize * 784).map { _ in Float(random.normal()) }
        let labels = (0..<batchSize).map { _ in Int32(random.next() % 10) }
        let batch = try Dataset(
            name: rawValue, sampleShape: [784], inputs: inputs,
            targets: .classes(labels, names: (0..<10).map(String.init)))
        let trainer = try Trainer(
            model, loss: CrossEntropyLoss(), optimizer: optimizer,
            settings: TrainingSettings(batchSize: batchSize), sampleShape: [784], engine: Engine(threads: threads))
        let rows = Array(0..<batchSize)
        return { try trainer.step(on: rows, of: batch) }
    }
}
