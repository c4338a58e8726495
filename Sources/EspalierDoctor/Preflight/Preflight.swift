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
    /// Of the first weights, before any step.
    let start: Start?
    /// Whether the gradient is the loss's; nothing where that costs too much.
    let gradientCheck: GradientCheck?
    /// Attempts to learn a few samples, the first one with the rates as planned.
    let trials: [Trial]
    /// Which learning rates work; nothing where the planned ones do.
    let range: LearningRateRangeTest.Result?

    /// So many operations may a part of the look take: what an engine computes in about a second.
    static let budget = 80_000_000_000
    /// So many numbers of samples are read at most, and as many samples, unless one batch has more.
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
        let operations = training.operations(batch: 2) / 2
        let batch = training.batches(epoch: 1).first ?? []
        guard !batch.isEmpty, operations * min(batch.count, 32) <= Self.budget / 5 else {
            (start, gradientCheck, trials, range) = (nil, nil, [], nil)
            return
        }
        let shown = min(data.count, max(batch.count, 64), max(2, Self.budget / 5 / max(operations, 1)))
        let start = try Start(training, Array(0..<shown))
        self.start = start
        guard start.fault == nil, !trainer.searches else {
            (gradientCheck, trials, range) = (nil, [], nil)
            return
        }
        let all = operations * Trial.mostSamples * Trial.steps
        let few = Trial.rows(of: data, count: all <= Self.budget ? Trial.mostSamples : Trial.fewestSamples)
        let cost = operations * few.count * Trial.steps
        let isCheap = cost <= Self.budget
        gradientCheck = isCheap ? try GradientCheck(training, few) : nil
        guard isCheap else {
            (trials, range) = ([], nil)
            return
        }
        var tried = [try Trial(training, on: few, rates: plan.rates, plannedSteps: plan.steps)]
        if !tried[0].learns, peak > 0 {
            // At least two others, the nearest.
            let most = max(2, 2 * Self.budget / max(cost, 1))
            for rate in Self.others(than: peak).prefix(most) where !(tried.last?.learns ?? true) {
                tried.append(
                    try Trial(training, on: few, rates: plan.rates.map { $0 * rate / peak }, plannedSteps: plan.steps))
            }
        }
        trials = tried
        let isRangeCheap = operations * batch.count * 100 <= Self.budget
        range = tried.count > 1 && isRangeCheap ? try LearningRateRangeTest().run(training) : nil
    }

    /// Rows in the order in which the training sees them: eight batches where that is not too much.
    private static func rows(of data: Dataset, _ settings: TrainingSettings) -> [Int] {
        let order = DataOrder.permutation(count: data.count, seed: UInt64(settings.seed), epoch: 1)
        let most = min(mostSamples, largestSample / data.sampleSize, 8 * min(settings.batchSize, data.count))
        return Array(order.prefix(max(most, settings.batchSize, 32)))
    }

    /// The rates of the ladder that are another than `rate`, the nearest first.
    private static func others(than rate: Double) -> [Double] {
        func distance(_ other: Double) -> Double { max(other / rate, rate / other) }
        return ladder.filter { distance($0) > 3 }.sorted { distance($0) < distance($1) }
    }
}
