import EspalierSpec
import EspalierTraining

/// A trial of a study, as far as it has come.
public struct StudyTrial: Sendable {
    public enum State: String, Sendable, CaseIterable {
        /// Somebody trains it.
        case running
        /// Its training was given up by an interruption, and begins anew.
        case waiting
        case completed
        /// Ended early by the pruner.
        case pruned
        /// Could not be trained, or diverged.
        case failed

        /// Whether nothing more comes of it.
        var isEnd: Bool { self == .completed || self == .pruned || self == .failed }
    }

    /// What came of a training.
    struct End: Sendable {
        var state: State
        /// Of the objective.
        var value: Double?
        /// How it ended, in a sentence.
        var message: String
        var seconds: Double
        var diagnosis: Diagnosis?
    }

    /// From 0.
    public var number: Int
    public var state: State
    /// See `SearchRange`; one a parameter.
    public var coordinates: [Double]
    /// The values of the settings.
    public var settings: [ConfigurationValue.Entry]
    /// Of the objective; of a pruned trial, when it was ended.
    public var value: Double?
    public var message: String?
    public var seconds: Double?
    /// What the doctor found.
    public var diagnosis: Diagnosis?
    /// How often it was begun: more than once where whoever trained it died.
    public var attempts: Int
    /// The value after each epoch; nothing where it was no number.
    public var course: [(epoch: Int, value: Double?)]

    /// As samplers see it.
    func observed(_ objective: Objective) -> ObservedTrial {
        let outcome: ObservedTrial.Outcome =
            switch (state, value) {
            case (.completed, let value?): .completed(loss: objective.loss(value))
            case (.pruned, let value?): .pruned(epoch: course.last?.epoch ?? 0, loss: objective.loss(value))
            case (.running, _), (.waiting, _): .running
            default: .failed
            }
        return ObservedTrial(number: number, coordinates: coordinates, outcome: outcome)
    }
}

extension [StudyTrial] {
    /// The completed trial with the best value; of equal ones the first.
    public func best(_ objective: Objective) -> StudyTrial? {
        filter { $0.state == .completed }.min {
            ObservedTrial.isBetter($0.observed(objective), than: $1.observed(objective))
        }
    }
}
