import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Foundation

/// Tries rising learning rates on a copy of a training and says which would do.
///
/// Step t of n is taken at the rate from (to / from)^(t / (n - 1)). The loss is smoothed, s <- beta s + (1 - beta) loss,
/// divided by 1 - beta^(t + 1). It ends early where the smoothed loss is above four times its lowest, or not finite.
///
/// ```swift
/// let range = try LearningRateRangeTest().run(trainer, on: split.train)
/// print(range.suggestion ?? "the loss falls at no rate")
/// ```
///
/// Neither the model nor anything else of the trainer is changed.
///
/// Source: Smith 2017, "Cyclical learning rates for training neural networks"; smoothing and ending as Gugger 2018, "How do
/// you find a good learning rate". Use it before a first training. What it suggests is for the first steps of this batch
/// size, so that a schedule that falls later, and perhaps a warm-up, belong to it.
public struct LearningRateRangeTest: Sendable {
    /// The first and the last rate.
    public var from: Double
    public var to: Double
    public var steps: Int
    /// The share of the smoothed loss that stays in a step.
    public var smoothing: Double

    /// - Throws: `EspalierError` for rates that do not rise from above zero, fewer than ten steps, or a smoothing outside
    ///   of 0..<1.
    public init(from: Double = 1e-6, to: Double = 10, steps: Int = 100, smoothing: Double = 0.9) throws {
        guard from > 0, to > from, to.isFinite else {
            throw EspalierError("the rates go from \(from) to \(to)", expected: "two numbers above 0 that rise")
        }
        guard steps >= 10 else {
            throw EspalierError("\(steps) steps are too few to see the loss fall", expected: "at least 10 steps")
        }
        guard (0..<1).contains(smoothing) else {
            throw EspalierError("smoothing is \(smoothing)", expected: "a number from 0 to below 1")
        }
        self.from = from
        self.to = to
        self.steps = steps
        self.smoothing = smoothing
    }

    /// What was seen.
    public struct Result: Sendable {
        /// A step of the test.
        public struct Point: Sendable, Hashable {
            public var rate: Double
            public var loss: Double
            /// The loss, smoothed.
            public var smoothed: Double
        }

        public var points: [Point]
        /// The rate at which the smoothed loss falls most steeply over the logarithm of the rate, without the first tenth of
        /// the steps.
        public var steepest: Double?
        /// A tenth of the rate at which the smoothed loss is lowest, beyond which it rises.
        public var beforeDivergence: Double?

        /// The lower of the two; nothing where the loss falls at no rate.
        public var suggestion: Double? { [steepest, beforeDivergence].compactMap(\.self).min() }
    }

    /// Takes up to `steps` steps of `trainer`'s training on batches of `data`.
    ///
    /// - Throws: `EspalierError` for data that the model cannot take and for an optimiser that searches, `EngineError` for a
    ///   label out of range.
    public func run(_ trainer: Trainer, on data: Dataset) throws -> Result {
        try trainer.check(data)
        try trainer.checkBatches(of: data)
        guard trainer.plans.search == nil else {
            throw EspalierError(
                "\(type(of: trainer.plans.optimizer).name) moves by a search of its own, which the test does not follow",
                at: "optimizer", expected: "an optimizer that takes one step a batch",
                fix: "another optimizer, or the learningRate as it is")
        }
        let copy = try DetachedTraining(trainer, on: data)
        defer { copy.end() }
        return try run(copy)
    }

    /// The same of a training that is detached already, from its first weights on; they are given back.
    package func run(_ copy: DetachedTraining) throws -> Result {
        defer { copy.begin() }
        var points: [Result.Point] = [], mean = 0.0, lowest = Double.infinity
        var batches = copy.batches(epoch: 1)[...], epoch = 1
        for step in 0..<steps {
            if batches.isEmpty {
                epoch += 1
                batches = copy.batches(epoch: epoch)[...]
            }
            guard let rows = batches.popFirst() else { break }
            let rate = from * pow(to / from, Double(step) / Double(steps - 1))
            let loss = try copy.step(on: rows, rate: rate)
            mean = smoothing * mean + (1 - smoothing) * loss
            let smoothed = mean / (1 - pow(smoothing, Double(step + 1)))
            guard smoothed.isFinite, step < 5 || smoothed <= 4 * lowest else { break }
            points.append(.init(rate: rate, loss: loss, smoothed: smoothed))
            lowest = min(lowest, smoothed)
        }
        return Result(points)
    }
}

extension LearningRateRangeTest.Result {
    init(_ points: [Point]) {
        self.points = points
        // Slopes over a tenth of the steps, as those of single ones are noise.
        let reach = max(2, points.count / 20)
        guard let low = points.indices.min(by: { points[$0].smoothed < points[$1].smoothed }), low >= 2 * reach
        else { return }
        // The first tenth is a mean over few batches, which rises and falls with them; beyond the lowest loss nothing falls.
        let begin = min(points.count / 10, low - 2 * reach)
        let falls = (begin + reach...low - reach).map { index in
            let (before, after) = (points[index - reach], points[index + reach])
            return (index, (after.smoothed - before.smoothed) / log(after.rate / before.rate))
        }
        guard let (steep, slope) = falls.min(by: { $0.1 < $1.1 }), slope < 0 else { return }
        steepest = points[steep].rate
        beforeDivergence = points[low].rate / 10
    }
}
