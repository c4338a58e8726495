import ArgumentParser
import Espalier

/// What is measured: training a network, or predicting with it.
struct Workload: ExpressibleByArgument {
    let network: Network
    /// How many samples are predicted at once; nothing for a training.
    let predicted: Int?

    /// `cnn`, or `cnn-inference-128`.
    init?(argument: String) {
        let parts = argument.split(separator: "-", omittingEmptySubsequences: false)
        guard let network = Network(rawValue: String(parts[0])) else { return nil }
        self.network = network
        switch parts.count {
        case 1: predicted = nil
        case 3 where parts[1] == "inference":
            guard let count = Int(parts[2]), count >= 1 else { return nil }
            predicted = count
        default: return nil
        }
    }

    static var allValueStrings: [String] { Network.allCases.flatMap { [$0.rawValue, "\($0.rawValue)-inference-1"] } }

    /// A step, ready to be taken again and again.
    struct Steps {
        let take: () throws -> Void
        /// Arithmetic operations of a step.
        let operations: Int
        /// Bytes that a step needs, as planned.
        let bytes: Int
    }

    /// Each training step is on the same random batch, which is copied in anew every time, as is each prediction's.
    func steps(on engine: Engine) throws -> Steps {
        let trainer = try Trainer(
            network.model, loss: CrossEntropyLoss(), optimizer: network.optimizer, penalty: network.penalty,
            settings: TrainingSettings(batchSize: network.batchSize), sampleShape: Shape(network.sampleShape),
            targetShape: network.targetShape, engine: engine)
        return try predicted.map { try predictions($0, by: trainer) } ?? trainingSteps(of: trainer)
    }

    private func trainingSteps(of trainer: Trainer) throws -> Steps {
        let batch = try network.samples(network.batchSize)
        let rows = Array(0..<batch.count)
        let plan = try trainer.plan(batchSize: rows.count)
        return Steps(
            take: { try trainer.step(on: rows, of: batch) }, operations: plan.operations, bytes: trainer.bytes)
    }

    private func predictions(_ count: Int, by trainer: Trainer) throws -> Steps {
        let samples = try network.samples(count).inputs
        let predictor = try trainer.predictor(batchSize: count)
        return Steps(
            take: {
                _ = predictor.inputs.update(fromContentsOf: samples)
                _ = try predictor.run()
            }, operations: predictor.plan.operations, bytes: predictor.bytes)
    }
}
