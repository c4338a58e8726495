import EspalierSpec
import Foundation

/// A run whose record follows what is written to its folder.
///
/// Damage never ends it: what cannot be read is left out, and told in `problems`.
struct LiveRun: Sendable {
    /// How much of the events is kept.
    enum Detail: Sendable {
        case everything
        /// Without the single steps and probes, which only the curves need.
        case course
    }

    let folder: String
    let detail: Detail
    private(set) var record: RunRecord
    private(set) var activity = RunActivity.ended
    /// The last of the problems with the files, the newest last.
    private(set) var problems: [String] = []
    /// Whether all has been read that was there in the beginning.
    private(set) var isComplete = false
    private var tail: EventTail
    private var stamps: [RunRecord.Part: Stamp] = [:]
    private let decoder = ExactJSON.decoder

    /// What changes when a file is written.
    private struct Stamp: Sendable, Hashable {
        var inode: UInt64
        var size: Int
        var seconds: Int
        var nanoseconds: Int

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            inode = UInt64(status.st_ino)
            size = Int(status.st_size)
            seconds = Int(status.st_mtim.tv_sec)
            nanoseconds = Int(status.st_mtim.tv_nsec)
        }
    }

    init(folder: String, detail: Detail) {
        self.folder = folder
        self.detail = detail
        record = RunRecord(unread: folder)
        tail = EventTail(path: folder + "/events.jsonl")
    }

    /// The share of the events that was read.
    var readShare: Double { tail.size > 0 ? Double(tail.offset) / Double(tail.size) : 1 }

    /// Reads what is new, for about so long at most.
    ///
    /// - Returns: Whether anything has changed.
    mutating func refresh(for duration: Duration) -> Bool {
        let end = ContinuousClock.now + duration
        let before = activity
        activity = RunActivity.of(events: tail.path)
        var hasChanged = activity != before
        for part in RunRecord.Part.allCases {
            let stamp = Stamp("\(folder)/\(part.rawValue)")
            guard stamp != stamps[part] else { continue }
            stamps[part] = stamp
            hasChanged = true
            attempt { try $0.record.read(part) }
        }
        var hasMore = true
        while hasMore && ContinuousClock.now < end {
            attempt { run in
                hasMore = false
                let piece = try run.tail.next()
                hasMore = piece.hasMore
                hasChanged = hasChanged || piece.isAnew || !piece.lines.isEmpty
                run.take(piece)
            }
        }
        if !hasMore && !isComplete {
            isComplete = true
            hasChanged = true
        }
        return hasChanged
    }

    private mutating func take(_ piece: EventTail.Piece) {
        if piece.isAnew { startOver() }
        let first = tail.count - piece.lines.count
        for (index, line) in piece.lines.enumerated() {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) { continue }
            // Of the steps the last one says how far the training is.
            if detail == .course, index + 1 < piece.lines.count, Self.skipped.contains(where: line.starts) { continue }
            let number = first + index + 1
            attempt { run in
                try run.record.add(line: line, at: "\(run.tail.path):\(number)", with: run.decoder)
            }
        }
    }

    /// How the lines begin that only the curves need.
    private static let skipped = ["step", "probe"].map { Array("{\"event\":\"\($0)\"".utf8) }

    private mutating func startOver() {
        problems = []
        isComplete = false
        record = RunRecord(unread: folder)
        for part in RunRecord.Part.allCases { attempt { try $0.record.read(part) } }
    }

    private mutating func attempt(_ work: (inout LiveRun) throws -> Void) {
        do { try work(&self) } catch {
            problems = problems.suffix(4) + ["\(error)"]
        }
    }
}
