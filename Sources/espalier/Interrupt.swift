import Espalier
import Foundation

/// Whether the user has asked to stop, by Ctrl-C or a termination signal; asked twice, the process ends at once.
///
/// It listens from the start of a training on: before, there is nothing to keep, and the signals do what they always do.
final class Interrupt: TrainingListener {
    /// Signal handlers can reach no object, so the flag lives in memory of its own for as long as the process.
    private nonisolated(unsafe) static let flag: UnsafeMutablePointer<sig_atomic_t> = {
        let memory = UnsafeMutablePointer<sig_atomic_t>.allocate(capacity: 1)
        memory.initialize(to: 0)
        return memory
    }()

    var isAsked: Bool { Self.flag.pointee != 0 }

    func handle(_ event: TrainingEvent) {
        guard case .start = event else { return }
        // Made now: a signal handler may not allocate.
        Self.flag.pointee = 0
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM] {
            sigaddset(&signals, signal)
            _ = Foundation.signal(signal) { number in
                if Interrupt.flag.pointee != 0 { _exit(128 + number) }
                Interrupt.flag.pointee = 1
            }
        }
        // A program that starts this one from a thread with blocked signals hands that on.
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
}
