import EspalierSpec
import Foundation

/// Says to other processes that this one lives: a file that it keeps locked.
///
/// The system gives the lock back when the process ends, however it ends, so that a lock that can be had is that of a dead
/// process. Neither clocks nor process numbers, which are given anew, are asked.
final class ProcessLock: Sendable {
    /// What the owner is called.
    let name: String
    private let path: String
    private let descriptor: Int32

    /// - Parameter folder: The folder of the locks.
    init(in folder: String) throws {
        try SystemFile.makeFolders(folder)
        name = "\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        path = "\(folder)/\(name)"
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw SystemFile.failure(errno, "cannot make the file", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            unlink(path)
            throw SystemFile.failure(code, "cannot lock the file", path)
        }
    }

    deinit {
        unlink(path)
        close(descriptor)
    }

    /// Whether the owner of that name lives; the lock of a dead one is taken away.
    static func isAlive(_ name: String, in folder: String) -> Bool {
        guard !name.isEmpty, !name.contains("/") else { return false }
        let path = "\(folder)/\(name)"
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return errno != ENOENT }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return true }
        unlink(path)
        return false
    }
}
