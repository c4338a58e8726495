import EspalierSpec
import EspalierTraining

/// How a search draws the settings of its next trial.
public protocol Sampler: Specification {
    /// How many of the first trials must have ended before trial `number` (from 0) can be drawn.
    ///
    /// What is drawn then depends on those alone, however many trials go on side by side.
    func ended(before number: Int) -> Int

    /// Draws trial `number`.
    ///
    /// - Parameters:
    ///   - number: From 0.
    ///   - space: What is searched.
    ///   - seed: Of the study.
    ///   - trials: Those before, the ones that are still running among them.
    /// - Returns: A coordinate for each parameter, see `SearchRange`.
    func draw(_ number: Int, in space: SearchSpace, seed: UInt64, after trials: [ObservedTrial]) -> [Double]
}

extension Sampler {
    public func ended(before number: Int) -> Int { 0 }
}

/// What a sampler knows of an earlier trial.
public struct ObservedTrial: Sendable {
    /// How it stands; in this order trials are from good to bad.
    public enum Outcome: Sendable, Hashable {
        /// Its training came to its end; the smaller the loss, the better.
        case completed(loss: Double)
        /// Ended early after so many epochs.
        case pruned(epoch: Int, loss: Double)
        /// Could not be trained, or diverged.
        case failed
        case running
    }

    public var number: Int
    public var coordinates: [Double]
    public var outcome: Outcome

    public init(number: Int, coordinates: [Double], outcome: Outcome) {
        self.number = number
        self.coordinates = coordinates
        self.outcome = outcome
    }

    /// Ascending from the best to the worst.
    static func isBetter(_ first: ObservedTrial, than second: ObservedTrial) -> Bool {
        func key(_ trial: ObservedTrial) -> (Int, Int, Double, Int) {
            switch trial.outcome {
            case .completed(let loss): (0, 0, loss, trial.number)
            case .pruned(let epoch, let loss): (1, -epoch, loss, trial.number)
            case .failed: (2, 0, 0, trial.number)
            case .running: (3, 0, 0, trial.number)
            }
        }
        return key(first) < key(second)
    }
}

/// The samplers that Espalier brings.
public enum Samplers {
    public static var registry: Registry<any Sampler> {
        var registry = Registry<any Sampler>(kind: "sampler")
        registry.register(TPE.self) { $0 }
        registry.register(RandomSearch.self) { $0 }
        registry.register(NarrowingSearch.self) { $0 }
        return registry
    }
}
