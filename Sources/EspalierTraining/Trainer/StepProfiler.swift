import EspalierEngine
import Foundation

/// Notes how long each kernel takes in some steps of a training.
///
/// ```swift
/// trainer.profiler = StepProfiler()
/// _ = try trainer.fit(train)
/// if let (profile, _) = try trainer.profiler?.profile(on: .current) { print(profile) }
/// ```
///
/// These are steps that the training takes anyway, after the first few, in which memory is touched for the first time.
/// Steps that also probe, and those on a last, smaller batch run other plans and are left out.
public final class StepProfiler {
    /// How many steps are to be timed.
    public let steps: Int
    private let warmUp: Int
    private var recording: Recording?

    /// The plan that is profiled, which is that of the first step, and its times.
    private struct Recording {
        let executable: Executable
        let name: String
        var times: KernelTimes

        mutating func run() throws { try executable.run(timing: &times) }
    }

    /// - Parameters:
    ///   - steps: How many steps are to be timed.
    ///   - warmUp: How many steps go before them; in a training of fewer than twice as many, half of them.
    public init(steps: Int = 50, warmUp: Int = 10) {
        precondition(steps >= 1 && warmUp >= 0, "a profile needs at least one step")
        self.steps = steps
        self.warmUp = warmUp
    }

    /// Whether the environment asks for a profile: `ESPALIER_PROFILE=1`.
    public static var isAskedFor: Bool {
        guard let value = ProcessInfo.processInfo.environment["ESPALIER_PROFILE"] else { return false }
        return !["", "0"].contains(value)
    }

    /// Executes a step, and times it if it is one of those that are wanted.
    func run(_ executable: Executable, name: @autoclosure () -> String) throws {
        if recording == nil {
            let times = KernelTimes(executable, capacity: warmUp + steps)
            recording = Recording(executable: executable, name: name(), times: times)
        }
        if recording?.executable === executable, recording?.times.executions ?? 0 < warmUp + steps {
            try recording?.run()
        } else {
            try executable.run()
        }
    }

    /// What the steps so far say; nothing where none could be timed.
    ///
    /// Measures the machine's peak first, which takes less than a second.
    ///
    /// - Parameter engine: What computed the steps.
    /// - Throws: `EngineError` where the peak cannot be measured.
    public func profile(on engine: Engine) throws -> (profile: Profile, trace: ChromeTrace)? {
        guard let recording, recording.times.executions > 0 else { return nil }
        var times = recording.times
        times.removeFirst(min(warmUp, times.executions / 2))
        let profile = Profile(
            of: recording.executable, name: recording.name, times: times, peak: try MachinePeak(of: engine))
        return (profile, ChromeTrace(profile, times))
    }
}
