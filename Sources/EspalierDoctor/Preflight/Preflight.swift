import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import EspalierTraining

/// What the first weights do, and whether they can learn a few samples: measured on a copy of the training that leaves it
/// as it is.
///
/// How much is measured follows from how many operations a step is, never from a clock: the same training is told the same
/// on every machine.
struct Preflight {
    let prepared: PreparedExperiment
    /// How many steps are planned, the highest of their rates, and the sum of all.
    let steps: Int
    let peakRate: Double
    let totalRate: Double
    /// How many numbers are learned.
    let parameters: Int
    /// Of the first weights, before any step.
    let start: Start?
    /// Whether the gradient is the loss's; nothing where that costs too much.
    let gradientCheck: GradientCheck?
    /// Attempts to learn a few samples, the first one with the rates as planned.
    let trials: [Trial]
    /// Which learning rates work; nothing where the planned ones do.
    let range: LearningRateRangeTest.Result?

    /// So many operations may a part of the look take: what a processor of some cores computes in about a second.
    static let budget = 1.5e11
    /// So many numbers of samples are read at most, and so many samples.
    static let largestSample = 1 << 22
    static let mostSamples = 4096
    /// The rates that are tried, beside those that are planned.
    static let ladder = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10]

    /// - Throws: `EspalierError` where the data cannot be read.
    init(_ prepared: PreparedExperiment, _ trainer: Trainer) throws {
        self.prepared = prepared
        let train = prepared.data.train
        let plan = trainer.plan(for: train, count: Trial.steps)
        steps = plan.steps
        let peak = plan.rates.max() ?? 0
        peakRate = peak
        totalRate = plan.rates.reduce(0, +) / Double(Trial.steps) * Double(plan.steps)
        let data = try trainer.inMemory(Self.rows(of: train, trainer.settings), of: train)
        let training = try DetachedTraining(trainer, on: data)
        defer { training.end() }
        parameters = trainer.state.parameterCount
        let operations = Double(training.operations(batch: 2)) / 2
        let batch = min(trainer.settings.batchSize, data.count)
        let most = Int(min(Self.budget / 5 / max(operations, 1), 4096))
        guard most >= 2 else {
            (start, gradientCheck, trials, range) = (nil, nil, [], nil)
            return
        }
        let start = try Start(training, Array(0..<min(data.count, max(batch, 64), most)))
        self.start = start
        let all = operations * Double(Trial.mostSamples * Trial.steps)
        let few = try Trial.rows(of: data, count: all <= Self.budget ? Trial.mostSamples : Trial.fewestSamples)
        let cost = operations * Double((few?.count ?? 0) * Trial.steps)
        guard start.fault == nil, !trainer.searches, let few, cost <= Self.budget else {
            (gradientCheck, trials, range) = (nil, [], nil)
            return
        }
        gradientCheck = try GradientCheck(training, few)
        var tried = [try Trial(training, on: few, rates: plan.rates, plannedSteps: plan.steps)]
        if !tried[0].learns || tried[0].isSlow, peak > 0 {
            // At least two others, the nearest.
            let most = Int(min(max(2, 2 * Self.budget / max(cost, 1)), 100))
            for rate in Self.others(than: peak).prefix(most) where tried.last.map({ !$0.learns || $0.isSlow }) ?? false
            {
                tried.append(
                    try Trial(training, on: few, rates: plan.rates.map { $0 * rate / peak }, plannedSteps: plan.steps))
            }
        }
        trials = tried
        let isRangeCheap = operations * Double(batch * 100) <= Self.budget
        range = tried.count > 1 && isRangeCheap ? try LearningRateRangeTest().run(training) : nil
    }

    /// Rows in the order in which the training sees them: eight batches where that is not too much.
    private static func rows(of data: Dataset, _ settings: TrainingSettings) -> [Int] {
        let order = DataOrder.permutation(count: data.count, seed: UInt64(settings.seed), epoch: 1)
        let room = max(largestSample / data.sampleSize, 32)
        return Array(order.prefix(min(room, max(min(8 * min(settings.batchSize, data.count), mostSamples), 64))))
    }

    /// The rates of the ladder that are another than `rate`, the nearest first.
    private static func others(than rate: Double) -> [Double] {
        func distance(_ other: Double) -> Double { max(other / rate, rate / other) }
        return ladder.filter { distance($0) > 3 }.sorted { distance($0) < distance($1) }
    }
}
