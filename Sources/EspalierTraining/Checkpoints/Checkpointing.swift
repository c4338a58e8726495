import EspalierSpec

/// When a training is written down, so that it can go on from there after whatever ends it.
///
/// A checkpoint is due after `every` steps and after `seconds`, whichever comes first, and at the end of a training and at
/// its interruption. It is copied between two steps and written beside them; while one is being written the next waits.
/// The last `keep` stay, and the first of those that hold the present best epoch. A training without this callback is
/// written down by its defaults; `checkpoint: {keep: 0}` writes nothing.
///
/// Where a checkpoint cannot be written, that is told, and the training goes on or is interrupted, as `onFailure` says.
///
/// Source: Young 1974, "A first order approximation to the optimum checkpoint interval", by which the interval is the root of
/// twice the time of a checkpoint times that between failures; the defaults are this project's.
///
/// Use it with `every` where steps are slow and dear; leave it out where a minute of work may be lost.
public struct Checkpointing: Callback {
    public var every: Int?
    public var seconds: Double? = 60
    public var keep = 3
    public var onFailure = FailurePolicy.goOn

    /// What follows where a checkpoint cannot be written.
    public enum FailurePolicy: String, CaseIterable, ConfigurationRepresentable {
        /// The training goes on without.
        case goOn = "continue"
        /// The training is interrupted.
        case stop
    }

    public static let name = "checkpoint"
    public static let summary = "Writes the whole state of a training, to resume it from"
    public static let fields = [
        Field("every", \Self.every, "steps from one checkpoint to the next; null is by time alone", in: 1...),
        Field("seconds", \Self.seconds, "time from one checkpoint to the next; null is by steps alone", in: .positive),
        Field("keep", \Self.keep, "how many of the last stay, beside the best; 0 writes none", in: 0...),
        Field("onFailure", \Self.onFailure, "what follows where one cannot be written"),
    ]

    public init() {}

    public init(
        every: Int? = nil, seconds: Double? = 60, keep: Int = 3, onFailure: FailurePolicy = .goOn
    ) {
        self.every = every
        self.seconds = seconds
        self.keep = keep
        self.onFailure = onFailure
    }

    public func follow() -> any Follower { Unconcerned() }

    /// The trainer does what the callback says.
    private struct Unconcerned: Follower {
        var memory = NoMemory()
    }
}
