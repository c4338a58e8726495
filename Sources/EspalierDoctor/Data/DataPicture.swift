import EspalierData
import EspalierGraph
import EspalierTraining

/// What the checks of the data look at: some rows of it, and what simple models make of them.
///
/// All that is drawn follows from the training's seed, and the work is bounded: a few thousand rows, of which each is reduced
/// to some hundred numbers, and a pass or two over data that is in memory.
struct DataPicture {
    /// How many training rows simple models see.
    static let rows = 2000
    /// How many numbers are read for them, where samples are large; but for `fewestRows`.
    static let numbers = 1 << 22
    static let fewestRows = 200
    /// Data in memory with at most so many numbers is looked at row by row; else, and where rows are read from files, a sample.
    static let wholeNumbers = 1 << 26

    let prepared: PreparedExperiment
    /// Training rows, and what simple models say of each by the others; nothing for text, for several labels a sample, or
    /// for too few rows.
    let models: SimpleModels?
    /// What needs no network to reach.
    let baselines: Baselines?
    /// Nothing for text.
    let columns: ColumnPictures?
    /// Columns that count the rows.
    let rowNumbers: [Int]
    /// Of the validation and the test part, where there are any.
    let shared: [SharedRows]

    init(_ prepared: PreparedExperiment) throws {
        self.prepared = prepared
        let train = prepared.data.train, source = prepared.experiment.data.source
        func random(_ purpose: String) -> RandomStream {
            RandomStream(seed: UInt64(prepared.experiment.training.seed), "doctor", purpose)
        }
        var rows = random("rows")
        models =
            source.holdsSymbols
            ? nil : try RowSample(of: train, limit: Self.limit(train), using: &rows).flatMap { SimpleModels($0) }
        baselines = Baselines(
            majority: train.classCounts.map { counts in
                Double(counts.max() ?? 0) / Double(max(1, counts.reduce(0, +)))
            },
            constantLoss: ConstantAnswer.loss(prepared.loss, on: train),
            nearestNeighbours: models?.nearestSkill, linear: models?.linear?.skill)
        guard !source.holdsSymbols else {
            columns = nil
            rowNumbers = []
            shared = []
            return
        }
        rowNumbers = try RowNumbers.columns(of: prepared.data)
        let trainRows = Self.lookedAt(train, random("columns"))
        let columns = try ColumnPictures(of: train, rows: trainRows)
        self.columns = columns
        let constant = Set(columns.constant)
        let varying = columns.mean.indices.filter { !constant.contains($0) }
        shared = try [("validation", prepared.data.validation), ("test", prepared.data.test)].compactMap { part, held in
            guard let held else { return nil }
            var halves = random("halves")
            return try SharedRows(
                part, held, rows: Self.lookedAt(held, random(part)), in: train, rows: trainRows, columns: varying,
                using: &halves)
        }
    }

    /// What a number of a sample is called: its feature's name, or its position.
    func name(of column: Int) -> String {
        prepared.featureNames.isEmpty ? "\(column + 1)" : prepared.featureNames[column]
    }

    /// Whether samples are rows of a table, rather than images or sequences.
    var isTable: Bool { prepared.data.train.sampleShape.count == 1 }

    private static func limit(_ dataset: Dataset) -> Int {
        max(fewestRows, min(rows, numbers / dataset.sampleSize))
    }

    private static func lookedAt(_ dataset: Dataset, _ random: RandomStream) -> [Int] {
        if !dataset.isStored, dataset.count * dataset.sampleSize <= wholeNumbers { return Array(0..<dataset.count) }
        var random = random
        return Array(random.permutation(of: dataset.count).prefix(limit(dataset)))
    }
}

extension Baselines {
    /// What simple models reach on the data of an experiment.
    package init?(of prepared: PreparedExperiment) throws {
        guard let baselines = try DataPicture(prepared).baselines else { return nil }
        self = baselines
    }
}
