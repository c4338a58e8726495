import EspalierEngine
import EspalierTraining
import Synchronization

/// Carries out the trainings of a repair side by side, within its budget, none of them twice.
///
/// What is trained follows from the number of epochs alone, so that the same repair comes to the same end with any number of
/// processors. The clock and whoever interrupts are there to end it early, and `cutOff` says so.
final class TrialRunner {
    /// Why something was left out.
    enum CutOff: String, Sendable {
        case epochs, clock, interrupted
    }

    let limit: Int
    let metric: HeldOutMetric
    /// Of all trainings so far.
    private(set) var epochs = 0
    private(set) var cutOff: CutOff?
    /// What is known of the data; examined once.
    var baselines: Baselines?
    private var known: [RepairTrial: RepairTrial.Outcome] = [:]
    private let workers: Int
    private let deadline: ContinuousClock.Instant
    private let isInterrupted: @Sendable () -> Bool
    /// How long the slowest trainings that ran side by side took: what a last test needs.
    private var longest = Duration.zero

    /// - Parameters:
    ///   - limit: Epochs that all trainings take together.
    ///   - seconds: From now on.
    init(
        metric: HeldOutMetric, limit: Int, seconds: Double, workers: Int,
        isInterrupted: @escaping @Sendable () -> Bool
    ) {
        self.metric = metric
        self.limit = limit
        self.workers = workers
        self.isInterrupted = isInterrupted
        deadline = .now + .seconds(min(seconds, 1e9))
    }

    /// Carries out trials; of those that were cut off there is nothing.
    ///
    /// - Parameter reserve: Epochs, and with them the time for one more round of whole trainings, that are left for later.
    func run(_ trials: [RepairTrial], leaving reserve: Int = 0) -> [Result<RepairTrial.Outcome?, any Error>] {
        let begin = ContinuousClock.now
        let end = reserve > 0 ? deadline - longest : deadline
        let new = affordable(trials.filter { known[$0] == nil }, leaving: reserve)
        let (metric, baselines, isInterrupted) = (metric, baselines, isInterrupted)
        let results = SideBySide.map(new, workers: workers) { trial -> Result<RepairTrial.Outcome?, any Error> in
            let mustEnd: @Sendable () -> Bool = { isInterrupted() || ContinuousClock.now > end }
            if mustEnd() { return .success(nil) }
            return Result {
                try trial.run(
                    metric: metric, baselines: baselines, engine: Engine(threads: 1), shouldInterrupt: mustEnd)
            }
        }
        var fresh: [RepairTrial: Result<RepairTrial.Outcome?, any Error>] = [:]
        for (trial, result) in zip(new, results) {
            fresh[trial] = result
            guard case .success(let outcome) = result else { continue }
            if let outcome { known[trial] = outcome } else { cutOff = isInterrupted() ? .interrupted : .clock }
        }
        if reserve == 0 { longest = max(longest, ContinuousClock.now - begin) }
        return trials.map { trial in fresh[trial] ?? .success(known[trial]) }
    }

    /// The first of `trials` that there are epochs for.
    private func affordable(_ trials: [RepairTrial], leaving reserve: Int) -> [RepairTrial] {
        var taken: [RepairTrial] = []
        for trial in trials where !taken.contains(trial) {
            guard epochs + trial.experiment.training.epochs + reserve <= limit else {
                cutOff = .epochs
                break
            }
            epochs += trial.experiment.training.epochs
            taken.append(trial)
        }
        return taken
    }
}
