import EspalierData
import EspalierGraph
import EspalierTraining

/// What the checks of the data look at: some rows of it, and what simple models make of them.
///
/// All that is drawn follows from the training's seed, and the work is bounded: a few thousand rows, of which each is reduced
/// to some hundred numbers.
struct DataPicture {
    /// How many training rows simple models see.
    static let rows = 2000
    /// How many numbers are read for them, where samples are large; but for `fewestRows`.
    static let numbers = 1 << 22
    static let fewestRows = 200

    let prepared: PreparedExperiment
    /// Training rows, and what simple models say of each by the others; nothing for text, for several labels a sample, or
    /// for too few rows.
    let models: SimpleModels?
    /// What needs no network to reach.
    let baselines: Baselines?

    init(_ prepared: PreparedExperiment) throws {
        self.prepared = prepared
        let train = prepared.data.train, source = prepared.experiment.data.source
        var random = RandomStream(seed: UInt64(prepared.experiment.training.seed), "doctor", "rows")
        let limit = max(Self.fewestRows, min(Self.rows, Self.numbers / train.sampleSize))
        models =
            source.holdsSymbols
            ? nil : try RowSample(of: train, limit: limit, using: &random).flatMap { SimpleModels($0) }
        baselines = Baselines(
            majority: train.classCounts.map { counts in
                Double(counts.max() ?? 0) / Double(max(1, counts.reduce(0, +)))
            },
            constantLoss: ConstantAnswer.loss(prepared.loss, on: train),
            nearestNeighbours: models?.nearestSkill, linear: models?.linear?.skill)
    }
}
