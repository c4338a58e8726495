import EspalierSpec

/// `events.jsonl`: what happened in a run, one JSON object a line.
///
/// A line is handed to the system as soon as it is complete, so it survives the death of the process. It is not
/// synchronised to the disk: after a power failure the last seconds may be missing.
public final class EventLog: Sendable {
    private let file: AppendFile

    /// Begins the log of a new run; one that is there already is an error.
    public init(creating path: String) throws {
        file = try AppendFile(creating: path)
    }

    /// Goes on with the log of a run, after taking off a last line that was torn by a crash.
    public init(continuing path: String) throws {
        file = try AppendFile(continuing: path)
    }

    /// Appends one event: `.map([.init("event", "epoch"), .init("step", 100), …])`.
    public func append(_ event: ConfigurationValue) throws {
        try file.append(Array(JSON.write(event).utf8))
    }

    /// What a log holds.
    public struct Contents: Sendable, Hashable {
        public var events: [ConfigurationValue] = []
        /// The numbers, counted from one, of the lines that are no JSON object.
        public var badLines: [Int] = []
        /// Whether the last line was torn, by a crash or because it is being written right now.
        public var endsTorn = false

        public init() {}
    }

    /// Reads the log at `path`, as far as it is whole: bad lines are left out and told.
    ///
    /// - Throws: `EspalierError` where the file cannot be read.
    public static func read(_ path: String) throws -> Contents {
        let bytes = try SystemFile.read(path, kind: "the events of a run")
        var contents = Contents()
        var start = 0, number = 0
        while start < bytes.count {
            number += 1
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n"))
            let line = bytes[start..<(end ?? bytes.count)]
            if case .map(let entries)? = try? JSON.parse(line) {
                contents.events.append(.map(entries))
            } else if end == nil {
                contents.endsTorn = true
            } else {
                contents.badLines.append(number)
            }
            start = (end ?? bytes.count) + 1
        }
        return contents
    }
}
