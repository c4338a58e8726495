import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierTraining

/// One training of an assessment: of an experiment, on some of its training rows.
struct AssessmentTraining: Sendable, Hashable {
    var experiment: Experiment
    var rows = Rows.all
    /// Cycles at whose ends predictions are kept; 0 for none.
    var snapshots = 0
    /// Draws of random layers for the mean prediction; 0 for none.
    var dropoutSamples = 0

    enum Rows: Sendable, Hashable {
        case all
        /// The first so large a part of an order that follows from the seed: smaller parts are parts of larger ones.
        case share(Double)
        /// As many as there are, drawn with replacement.
        case bootstrap(Int)
    }

    /// What came of it; predictions as `Truth` takes them.
    struct Outcome: Sendable {
        var rows: Int
        var parameters: Int
        /// Of training rows, `Truth` of them.
        var train: (predictions: [Float], truth: Truth)
        var heldOut: [Float]
        var choice: [Float]
        /// With random layers drawn.
        var dropout: [Float]?
        /// At the end of each cycle.
        var snapshots: [(heldOut: [Float], choice: [Float])] = []
    }

    /// Trains.
    ///
    /// A part of the rows is trained on for as many steps as all of them, so that what few rows lack is rows. The seed is the
    /// experiment's.
    ///
    /// - Returns: Nothing where it was interrupted, or has learned nothing before it diverged.
    /// - Throws: `EspalierError` and `EngineError` where it cannot be carried out.
    func run(on data: AssessedData, shouldInterrupt: @escaping @Sendable () -> Bool) throws -> Outcome? {
        let chosen = rows(of: data.train.count), train = chosen.map { data.train[$0] } ?? data.train
        var experiment = experiment
        experiment.training.batchSize = min(experiment.training.batchSize, train.count)
        experiment.training.epochs = epochs(on: train.count, of: data.train.count)
        let prepared = try experiment.prepared(
            on: DataSplit(train: train, validation: data.choice), inputScaler: data.inputScaler,
            targetScaler: data.targetScaler)
        let trainer = try prepared.makeTrainer(engine: Engine(threads: 1))
        trainer.shouldInterrupt = shouldInterrupt
        func said(of part: Dataset) throws -> [Float] {
            var predictions = try trainer.predictions(for: part)
            data.targetScaler?.invert(&predictions)
            return predictions
        }
        let keeper = SnapshotKeeper(cycle: snapshots > 0 ? experiment.training.epochs / snapshots : nil) {
            (try said(of: data.heldOut), try said(of: data.choice))
        }
        trainer.listeners.append(keeper)
        let result = try trainer.fit(train, validation: snapshots > 0 ? nil : data.choice)
        guard result.status != .interrupted, result.status != .diverged || result.best != nil else { return nil }
        let seen = train.drawn(AssessedData.mostRows, seed: 0)
        var outcome = Outcome(
            rows: train.count, parameters: trainer.state.parameterCount,
            train: (try said(of: seen), Truth(seen, data.targetScaler)), heldOut: try said(of: data.heldOut),
            choice: try said(of: data.choice))
        outcome.snapshots = keeper.predictions
        if dropoutSamples > 0 {
            var mean = try trainer.predictions(for: data.heldOut.inputValues(), samples: dropoutSamples).mean
            data.targetScaler?.invert(&mean)
            outcome.dropout = mean
        }
        return outcome
    }

    /// Which rows of so many are trained on; nothing for all.
    private func rows(of count: Int) -> [Int]? {
        let seed = UInt64(experiment.training.seed)
        switch rows {
        case .all: return nil
        case .share(let share):
            var random = RandomStream(seed: seed, "assessment", "share")
            return Array(random.permutation(of: count).prefix(whole(Int((Double(count) * share).rounded()))))
        case .bootstrap(let number):
            var random = RandomStream(seed: 0, "assessment", "bootstrap", number)
            return (0..<count).map { _ in random.index(below: count) }
        }
    }

    /// About so many rows, of which no batch has one alone: batch normalisation knows no spread of one.
    private func whole(_ count: Int) -> Int {
        let least = max(2, count), size = experiment.training.batchSize
        return least > size && size > 1 && least % size == 1 ? least - 1 : least
    }

    private func epochs(on count: Int, of all: Int) -> Int {
        let size = experiment.training.batchSize
        func steps(_ rows: Int) -> Int { max(1, (rows + size - 1) / size) }
        let (most, epochs) = (steps(all), experiment.training.epochs)
        let wanted = (epochs * most + steps(count) - 1) / steps(count)
        return snapshots > 0 ? max(1, wanted / snapshots) * snapshots : wanted
    }
}

/// Keeps what the model says at the end of every cycle of so many epochs.
private final class SnapshotKeeper: TrainingListener {
    private let cycle: Int?
    private let predict: () throws -> (heldOut: [Float], choice: [Float])
    private(set) var predictions: [(heldOut: [Float], choice: [Float])] = []

    init(cycle: Int?, predict: @escaping () throws -> (heldOut: [Float], choice: [Float])) {
        self.cycle = cycle
        self.predict = predict
    }

    func handle(_ event: TrainingEvent) throws {
        guard let cycle, case .epoch(let record) = event, record.epoch % cycle == 0 else { return }
        predictions.append(try predict())
    }
}
