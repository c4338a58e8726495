import EspalierSpec

/// Something that follows a training and may end it.
public protocol Callback: Specification {
    /// What follows one training, from its start.
    func follow() -> any Follower
}

/// A callback at work: it sees every step and the end of every epoch; its `memory` is what a resumed training goes on
/// with.
public protocol Follower: Remembering {
    /// - Returns: Why the training should end for good, or nothing.
    mutating func epochEnded(_ record: EpochRecord) -> String?

    /// - Parameters:
    ///   - step: Steps taken so far.
    ///   - seconds: Since this process began to train, or to go on training.
    /// - Returns: Why the training should be interrupted, to be resumed later, or nothing; nothing if not given.
    mutating func stepEnded(_ step: Int, seconds: Double) -> String?
}

extension Follower {
    public mutating func stepEnded(_ step: Int, seconds: Double) -> String? { nil }
}

extension Registry where Part == any Callback {
    /// The callbacks that Espalier brings.
    public static var standard: Self {
        var registry = Self(kind: "callback")
        registry.register(EarlyStopping.self) { $0 }
        registry.register(Checkpointing.self) { $0 }
        registry.register(TimeLimit.self) { $0 }
        registry.register(TensorBoard.self) { $0 }
        return registry
    }
}
