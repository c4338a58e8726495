import Foundation

/// Whether a process works on a run.
enum RunActivity: Sendable, Hashable {
    /// The process, where the system tells.
    case running(process: Int?)
    case ended

    var isRunning: Bool { self != .ended }

    /// By the lock that a training has on its events, which nothing but the end of its process takes away; else, where the
    /// system does not show locks, by events of the last quarter of a minute.
    static func of(events path: String, now: Date = .now) -> RunActivity {
        var status = stat()
        guard stat(path, &status) == 0 else { return .ended }
        if let locks = try? String(contentsOfFile: "/proc/locks", encoding: .utf8) {
            return owner(of: UInt64(status.st_ino), in: locks).map { .running(process: $0 > 0 ? $0 : nil) } ?? .ended
        }
        let age = now.timeIntervalSince1970 - Double(status.st_mtim.tv_sec)
        return age < 15 ? .running(process: nil) : .ended
    }

    /// The process that has the file locked as a whole: `1: FLOCK  ADVISORY  WRITE 4711 08:01:1234567 0 EOF`.
    static func owner(of inode: UInt64, in locks: String) -> Int? {
        for line in locks.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 6, fields[1] == "FLOCK", fields[3] == "WRITE",
                fields[5].split(separator: ":").last.flatMap({ UInt64($0) }) == inode
            else { continue }
            return Int(fields[4])
        }
        return nil
    }
}
