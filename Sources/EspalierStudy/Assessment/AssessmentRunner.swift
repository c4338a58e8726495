import EspalierTraining
import Foundation

/// Carries out the trainings of an assessment side by side, none of them twice, until the time is over.
///
/// What is trained follows from the settings alone, so that an assessment that was not cut off comes to the same end with any
/// number of processors.
final class AssessmentRunner {
    /// Why something was left out.
    enum CutOff: String, Sendable {
        case clock, interrupted
    }

    private let data: AssessedData
    private let workers: Int
    private let deadline: ContinuousClock.Instant
    private let isInterrupted: @Sendable () -> Bool
    private var known: [AssessmentTraining: AssessmentTraining.Outcome] = [:]
    private(set) var cutOff: CutOff?
    /// Trainings that were carried out, and those of them that came to nothing.
    private(set) var count = 0
    private(set) var failures: [any Error] = []
    private(set) var diverged = 0

    init(_ data: AssessedData, workers: Int, seconds: Double, isInterrupted: @escaping @Sendable () -> Bool) {
        self.data = data
        self.workers = workers
        self.isInterrupted = isInterrupted
        deadline = .now + .seconds(min(seconds, 1e9))
    }

    /// What came of trainings; nothing of those that failed, diverged or were cut off.
    func run(_ trainings: [AssessmentTraining]) -> [AssessmentTraining.Outcome?] {
        var new: [AssessmentTraining] = []
        for training in trainings where known[training] == nil && !new.contains(training) { new.append(training) }
        let (data, deadline, isInterrupted) = (data, deadline, isInterrupted)
        let mustEnd: @Sendable () -> Bool = { isInterrupted() || ContinuousClock.now > deadline }
        let results = SideBySide.map(new, workers: workers) { training -> Ending in
            if mustEnd() { return .cutOff }
            do {
                if let outcome = try training.run(on: data, shouldInterrupt: mustEnd) { return .done(outcome) }
                return mustEnd() ? .cutOff : .diverged
            } catch {
                return .failed(error)
            }
        }
        for (training, result) in zip(new, results) {
            switch result {
            case .done(let outcome): known[training] = outcome
            case .diverged: diverged += 1
            case .failed(let error): failures.append(error)
            case .cutOff:
                cutOff = isInterrupted() ? .interrupted : .clock
                continue
            }
            count += 1
        }
        return trainings.map { known[$0] }
    }

    private enum Ending: Sendable {
        case done(AssessmentTraining.Outcome)
        case diverged, cutOff
        case failed(any Error)
    }
}
