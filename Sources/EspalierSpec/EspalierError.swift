/// A failure that a person can act on: what happened, where, what was expected, and how to put it right.
public struct EspalierError: Error, Sendable, Hashable {
    /// What went wrong, in one sentence without a full stop.
    public var what: String
    /// Where it went wrong: `config.yaml:12:5`, `data.csv:1043, column "age"`, `layer 2.linear`.
    public var location: String?
    /// What would have been accepted.
    public var expected: String?
    /// The first thing to try.
    public var fix: String?

    public init(_ what: String, at location: String? = nil, expected: String? = nil, fix: String? = nil) {
        self.what = what
        self.location = location
        self.expected = expected
        self.fix = fix
    }

    /// The same failure, placed at `location` where it had no place yet.
    public func located(at location: String) -> EspalierError {
        var copy = self
        copy.location = self.location ?? location
        return copy
    }
}

extension EspalierError: CustomStringConvertible {
    public var description: String {
        var text = location.map { "\($0): \(what)" } ?? what
        if let expected { text += "\n  expected: \(expected)" }
        if let fix { text += "\n  try: \(fix)" }
        return text
    }
}
