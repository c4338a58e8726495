import EspalierSpec

/// Something that follows a training and may end it.
public protocol Callback: Specification {
    /// What follows one training, from its start.
    func follow() -> any Follower
}

/// A callback at work: it sees the end of every epoch.
public protocol Follower {
    /// - Returns: Why the training should end, or nothing.
    mutating func epochEnded(_ record: EpochRecord) -> String?
}

extension Registry where Part == any Callback {
    /// The callbacks that Espalier brings.
    public static var standard: Self {
        var registry = Self(kind: "callback")
        registry.register(EarlyStopping.self) { $0 }
        registry.register(TensorBoard.self) { $0 }
        return registry
    }
}
