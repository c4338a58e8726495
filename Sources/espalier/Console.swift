import Espalier
import Foundation

/// Where a command writes: what was asked for on standard output, what is wrong on standard error.
enum Console {
    /// Takes the numbers of standard streams that are closed.
    ///
    /// The next file that is opened would get them, such as a run's events, and progress would be written into it. Writing
    /// to them fails as before.
    static func occupyDescriptors() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDONLY)
        }
    }

    /// Writes the result of a command.
    ///
    /// - Throws: `EspalierError` where it cannot be written: a result that is lost is a failure.
    static func result(_ text: String) throws {
        guard let code = write(text, to: STDOUT_FILENO) else { return }
        throw EspalierError(
            "the result cannot be written: \(String(cString: strerror(code)))", at: "standard output",
            fix: code == ENOSPC ? "free some space, or write elsewhere" : nil)
    }

    static func result(json value: ConfigurationValue) throws {
        try result(JSON.write(value, pretty: true) + "\n")
    }

    static func error(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    /// Writes all of `text`; says with which of the system's errors that ended early.
    @discardableResult
    static func write(_ text: String, to descriptor: Int32) -> Int32? {
        Array(text.utf8).withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return errno }
                rest = rest.dropFirst(count)
            }
            return nil
        }
    }
}
