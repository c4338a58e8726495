import ArgumentParser
import Espalier
import Foundation

/// Trains a network from given weights on given batches, for `Benchmarks/curves/compare_curves.py` to compare the losses.
struct CurveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "curve", abstract: "Trains from imported weights; prints the loss of every step as JSON.")

    /// The networks whose curves are compared, without dropout, since no two frameworks draw the same masks.
    enum Curve: String, CaseIterable, ExpressibleByArgument {
        case resnet20, text, gpt

        var model: Sequential {
            switch self {
            case .resnet20: Network.resnet20.model
            case .text:
                Sequential {
                    Embedding(256, 64)
                    LSTM(64, 128, layers: 2, bidirectional: true, returnsSequences: false)
                    Linear(256, 256)
                }
            case .gpt: Network.languageModel(dropout: 0)
            }
        }

        var optimizer: any Optimizer {
            switch self {
            case .resnet20: SGD(learningRate: 0.001, momentum: 0.9)
            case .text: Adam(learningRate: 0.001)
            case .gpt: Network.gpt.optimizer
            }
        }

        var penalty: WeightPenalty { self == .resnet20 ? Network.resnet20.penalty : WeightPenalty() }
    }

    @Option(help: "Which network is trained.")
    var network: Curve

    @Option(help: "A safetensors file with the first value of every parameter and statistic, by PyTorch's names.")
    var weights: String

    @Option(help: "A safetensors file with `inputs` [steps, batch, ...] and `labels` [steps, batch, ...].")
    var batches: String

    @OptionGroup var options: ThreadOptions

    func run() throws {
        let file = try SafeTensors.read(batches)
        guard let inputs = file["inputs"], let labels = file["labels"], inputs.shape.count >= 3,
            labels.shape.count >= 2, inputs.shape[..<2] == labels.shape[..<2]
        else {
            throw EspalierError("no batches", at: batches, expected: "inputs and labels, each [steps, batch, ...]")
        }
        let steps = inputs.shape[0], batchSize = inputs.shape[1], classes = try labels.int32s()
        let data = try Dataset(
            name: batches, sampleShape: Array(inputs.shape[2...]), inputs: inputs.floats,
            targets: .classes(classes, names: (0...Int(classes.max() ?? 0)).map(String.init)))
        let trainer = try Trainer(
            network.model, loss: CrossEntropyLoss(), optimizer: network.optimizer, penalty: network.penalty,
            settings: TrainingSettings(batchSize: batchSize), sampleShape: Shape(data.sampleShape),
            targetShape: Shape(Array(labels.shape[2...])), engine: Engine(threads: options.threads))
        try trainer.state.load(SafeTensors.read(weights), from: weights)
        let losses = try (0..<steps).map { try trainer.step(on: $0 * batchSize..<($0 + 1) * batchSize, of: data) }
        print(String(decoding: try JSONEncoder().encode(losses), as: UTF8.self))
    }
}
