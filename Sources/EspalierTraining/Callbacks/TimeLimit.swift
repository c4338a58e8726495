import EspalierSpec

/// Interrupts a training that has taken so long, with a checkpoint that it can be resumed from.
///
/// Time counts from when this process began to train: a resumed training has all of it again.
///
/// Source: Li, Jamieson, DeSalvo, Rostamizadeh and Talwalkar 2018, "Hyperband: a novel bandit-based approach to
/// hyperparameter optimization", where the time of a training is what is given out.
///
/// Use it where a machine is lent for so long; not to compare trainings, whose steps take longer on a busy machine.
public struct TimeLimit: Callback {
    public var minutes = 60.0

    public static let name = "timeLimit"
    public static let summary = "Interrupts a training after so many minutes, to be resumed"
    public static let fields = [
        Field("minutes", \Self.minutes, "how long this process trains at most", in: .positive)
    ]

    public init() {}

    public init(minutes: Double) { self.minutes = minutes }

    public func follow() -> any Follower { Watch(settings: self) }

    private struct Watch: Follower {
        let settings: TimeLimit
        var memory = NoMemory()

        func stepEnded(_ step: Int, seconds: Double) -> String? {
            guard seconds >= settings.minutes * 60 else { return nil }
            let minutes = settings.minutes
            return "the time limit of \(minutes.short) minute\(minutes == 1 ? "" : "s") was reached after step \(step)"
        }
    }
}
