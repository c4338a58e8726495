import EspalierSpec
import Foundation

/// A file of lines that only grows; every line is handed to the system in one piece as soon as it is complete.
///
/// What was appended survives the death of the process. Lines of several writers never mix.
final class AppendFile: Sendable {
    let path: String
    private let descriptor: Int32

    /// Begins a new file at `path`; one that is there already is an error.
    init(creating path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw errno == EEXIST
                ? EspalierError("the file is there already", at: path, fix: "choose another folder with --out")
                : SystemFile.failure(errno, "cannot write", path)
        }
        do { try lock() } catch {
            close(descriptor)
            throw error
        }
    }

    /// Goes on with the file at `path`, after taking off a last line that was torn by a crash.
    init(continuing path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFile.failure(errno, "cannot write", path) }
        do {
            // Before it is read: another writer's last line is not torn, but about to be complete.
            try lock()
            let bytes = try SystemFile.read(path, kind: "the file to go on with")
            let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            guard whole == bytes.count || ftruncate(descriptor, off_t(whole)) == 0 else {
                throw SystemFile.failure(errno, "cannot write", path)
            }
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Keeps other writers away for as long as this one has the file open, where the file system knows how to.
    private func lock() throws {
        guard flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
        throw EspalierError(
            "another process is writing the file", at: path, expected: "a run that nobody works on",
            fix: "wait until that process ends, or end it")
    }

    /// Appends `line` and the end of line.
    func append(_ line: [UInt8]) throws {
        let whole = line + [UInt8(ascii: "\n")]
        try whole.withUnsafeBytes { try SystemFile.write($0, to: descriptor, path: path) }
    }
}
