import EspalierData
import EspalierNN
import EspalierSpec

/// The learning rate of a training as it is planned, at some of its steps.
public struct PlannedRates: Sendable, Hashable {
    /// What plans it, with its settings.
    public var schedule: String
    /// Steps from 0, the first and the last of the training among them, and the rate of each.
    public var points: [Point]
    /// Whether the rate also falls where the validation loss does not.
    public var followsLoss: Bool

    /// The rate of a step.
    public struct Point: Sendable, Hashable {
        public var step: Int
        public var rate: Double
    }

    /// `constant: 0.001`, or `cosine: 0.01 ▇▆▅▃▂▁ 0.0001`: first and last rate, and the curve between them.
    public var line: String {
        guard let first = points.first, let last = points.last else { return schedule }
        let watch = followsLoss ? ", and lower where the loss no longer falls" : ""
        guard points.contains(where: { $0.rate != first.rate }) else {
            return "learning rate \(first.rate.short)\(watch)"
        }
        return "learning rate \(first.rate.short) \(sparkline(width: 32)) \(last.rate.short)\(watch)"
    }

    /// The curve in characters of eight heights, from zero to the highest rate.
    func sparkline(width: Int) -> String {
        let bars = Array("▁▂▃▄▅▆▇█"), highest = points.map(\.rate).max() ?? 0
        guard highest > 0 else { return "" }
        return String(
            (0..<min(width, points.count)).map { column in
                let point = points[column * (points.count - 1) / max(min(width, points.count) - 1, 1)]
                return bars[min(Int(point.rate / highest * Double(bars.count)), bars.count - 1)]
            })
    }
}

// The learning rate at each step, from the schedule, the loss so far, and averaging.
extension Trainer {
    /// How many steps `fit` takes on the present data, unless something ends it.
    var totalSteps: Int { settings.epochs * stepsPerEpoch }

    /// Counts the steps of an epoch on `data`: schedules may depend on how many there are.
    func planSteps(for data: Dataset) {
        let batches = Batches(Array(0..<data.count), size: settings.batchSize, dropLast: settings.dropLast).count
        stepsPerEpoch = batches == 0 ? 1 : (batches - 1) / plans.gradient.accumulate + 1
    }

    /// The learning rate of the step with this number, from 0.
    func rate(at step: Int) -> Double { plannedRate(at: step) * (progress.lossFollower?.factor ?? 1) }

    private func plannedRate(at step: Int) -> Double {
        let factor =
            average.averaging.stochastic?
            .factor(at: step, stepsPerEpoch: stepsPerEpoch, epochs: settings.epochs)
        return learningRate * (factor ?? schedule.factor(at: step, of: totalSteps))
    }

    /// The rates of the steps that a training on the present data takes.
    var plannedRates: PlannedRates {
        let last = totalSteps - 1, count = min(totalSteps, 200)
        let points = (0..<count).map { index -> PlannedRates.Point in
            let step = count > 1 ? index * last / (count - 1) : 0
            return .init(step: step, rate: plannedRate(at: step))
        }
        return PlannedRates(
            schedule: describe(schedule), points: points, followsLoss: schedule.follow() != nil)
    }

    /// How many steps a training on `data` takes, and the planned rates of some of them, evenly spread.
    package func plan(for data: Dataset, count: Int) -> (steps: Int, rates: [Double]) {
        let before = stepsPerEpoch
        defer { stepsPerEpoch = before }
        planSteps(for: data)
        return (totalSteps, (0..<count).map { plannedRate(at: $0 * totalSteps / count) })
    }
}
