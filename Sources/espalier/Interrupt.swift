import Espalier
import Foundation

/// Whether the user has asked to stop, by Ctrl-C, a termination signal or the end of the terminal; asked twice, the process
/// ends at once.
///
/// It listens from the start of a training on: before, there is nothing to keep, and the signals do what they always do.
final class Interrupt: TrainingListener, Sendable {
    /// Signal handlers can reach no object, so the flag lives in memory of its own for as long as the process.
    private nonisolated(unsafe) static let flag: UnsafeMutablePointer<sig_atomic_t> = {
        let memory = UnsafeMutablePointer<sig_atomic_t>.allocate(capacity: 1)
        memory.initialize(to: 0)
        return memory
    }()

    var isAsked: Bool { Self.flag.pointee != 0 }

    func handle(_ event: TrainingEvent) {
        if case .start = event { listen() }
    }

    /// Listens from now on.
    func listen() {
        // Made now: a signal handler may not allocate.
        Self.flag.pointee = 0
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM] + (Self.isIgnored(SIGHUP) ? [] : [SIGHUP]) {
            sigaddset(&signals, signal)
            _ = Foundation.signal(signal) { number in
                if Interrupt.flag.pointee != 0 { _exit(128 + number) }
                Interrupt.flag.pointee = 1
            }
        }
        // Nobody reads the progress any more, as behind `| head`: that does not end a training.
        _ = signal(SIGPIPE, SIG_IGN)
        // A program that starts this one from a thread with blocked signals hands that on.
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    /// Whether the process was started deaf to a signal, as by `nohup`.
    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
