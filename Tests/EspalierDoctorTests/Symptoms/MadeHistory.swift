import Espalier

@testable import EspalierDoctor
@testable import EspalierTraining

/// A training of three classes that went well, of which a test makes one that did not.
struct MadeHistory {
    var history = History()
    static let paths = ["1", "3", "5", "6"]

    /// - Parameter count: Epochs, of ten steps each, with a probe at the begin of each.
    init(epochs count: Int = 40, batchSize: Int = 32, layers: [String] = [], penalty: WeightPenalty = WeightPenalty()) {
        let names = layers.isEmpty ? ["Linear(4, 8)", "ReLU()", "Linear(8, 3)"] : layers
        history.start = .init(
            isClassification: true,
            layers: names.enumerated().map { .init(path: "\($0)", layer: $1, parameters: 40) }, trainingSamples: 300,
            stepsPerEpoch: 10, epochs: count, batchSize: batchSize, learningRate: 0.001, optimizer: "adam",
            loss: "crossEntropy", validationSamples: 300, penalty: penalty, frozen: [])
        history.baselines = Baselines(majority: 0.4, constantLoss: 1.1, nearestNeighbours: 0.8, linear: 0.7)
        history.losses = [.init(step: 1, loss: 1.1)]
        for epoch in 1...count {
            add(epoch: epoch, loss: max(0.3, 1.1 - 0.1 * Double(epoch)), accuracy: min(0.9, 0.4 + 0.05 * Double(epoch)))
            history.probes.append(Self.probe(step: epoch * 10 - 9, epoch: epoch))
        }
        history.end = .completed
    }

    mutating func add(epoch: Int, loss: Double, accuracy: Double, held: (loss: Double, accuracy: Double)? = nil) {
        history.epochs.append(
            EpochRecord(
                epoch: epoch, step: epoch * 10, train: Scores(loss: loss, metrics: [("accuracy", accuracy)]),
                validation: Scores(
                    loss: held?.loss ?? loss, metrics: [("accuracy", held?.accuracy ?? accuracy)]),
                learningRate: 0.001, seconds: 0))
    }

    /// The same with other curves: of each epoch the loss and the accuracy, in training and on held-out samples.
    mutating func draw(
        _ curve: (Int) -> (train: (loss: Double, accuracy: Double), held: (loss: Double, accuracy: Double))
    ) {
        let count = history.epochs.count
        history.epochs = []
        for epoch in 1...count {
            let (train, held) = curve(epoch)
            add(epoch: epoch, loss: train.loss, accuracy: train.accuracy, held: held)
        }
    }

    /// A training whose loss stays, and whose accuracy is that of a constant answer.
    mutating func stay(at loss: Double = 1.1) {
        draw { _ in ((loss, 0.4), (loss, 0.4)) }
    }

    mutating func eachProbe(_ change: (inout Probe) -> Void) {
        for index in history.probes.indices { change(&history.probes[index]) }
    }

    func findings(_ check: (some Check<History>).Type) throws -> [Finding] { try check.findings(in: history) }

    static func probe(step: Int, epoch: Int) -> Probe {
        Probe(
            step: step, epoch: epoch, loss: 1,
            parameters: ["0.weight", "0.bias", "2.weight", "2.bias"].map {
                ParameterProbe(path: $0, gradientNorm: 1, weightNorm: 2, updateNorm: 0.004)
            },
            layers: zip(paths, ["ReLU()", "ReLU()", "Tanh()", "Linear(8, 3)"]).map { path, layer in
                LayerProbe(
                    path: path, layer: layer, units: 8, mean: 0.5, deviation: 1, unitDeviation: 0.8, gradient: 1,
                    saturated: layer.hasPrefix("Linear") ? nil : 0.3, silent: layer.hasPrefix("ReLU") ? 0.1 : nil,
                    dead: layer.hasPrefix("ReLU") ? 0.1 : nil, histogram: [], low: 0, high: 1)
            })
    }
}
