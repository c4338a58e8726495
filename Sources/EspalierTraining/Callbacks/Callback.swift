import EspalierSpec

/// Something that follows a training and may end it.
public protocol Callback: Specification {
    /// What follows one training, from its start.
    func follow() -> any Follower
}

/// A callback at work: it sees steps, measurements and ends of epochs; its `memory` is what a resumed training goes on with.
///
/// Each of these says nothing unless it is given.
public protocol Follower: Remembering {
    /// - Parameters:
    ///   - step: Steps taken so far.
    ///   - seconds: Since this process began to train, or to go on training.
    /// - Returns: Why the training should be interrupted, to be resumed later, or nothing.
    mutating func stepEnded(_ step: Int, seconds: Double) -> String?

    /// Each time that the validation data was measured; without any, at the end of each epoch.
    ///
    /// - Parameters:
    ///   - loss: On the validation data, or else of the epoch's training.
    ///   - part: `validation` or `training`.
    /// - Returns: Why the training should end for good, or nothing.
    mutating func measured(loss: Double, on part: String) -> String?

    /// - Returns: Why the training should end for good, or nothing.
    mutating func epochEnded(_ record: EpochRecord) -> String?
}

extension Follower {
    public mutating func stepEnded(_ step: Int, seconds: Double) -> String? { nil }
    public mutating func measured(loss: Double, on part: String) -> String? { nil }
    public mutating func epochEnded(_ record: EpochRecord) -> String? { nil }
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
