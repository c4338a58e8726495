import EspalierSpec

/// Ends a training whose validation loss no longer falls; the training loss stands in where nothing is held out.
///
/// A value counts as better when it is below the best so far by more than `minDelta`; after `patience` validations in
/// a row without a better one, the training ends. A value that is not finite is never better. With validation data the
/// weights of the best epoch, with their statistics, are restored at the end of every training; without, the last stay.
///
/// Source: Prechelt 1998, "Early stopping, but when?"; the default patience is this project's.
///
/// Use it in nearly every training with validation data; not with a schedule whose best rates come last, unless the
/// patience outlasts it, nor with a validation set so small that its loss is noise.
public struct EarlyStopping: Callback {
    public var patience = 10
    public var minDelta = 0.0

    public static let name = "earlyStopping"
    public static let summary = "Ends a training whose validation loss no longer falls"
    public static let fields = [
        Field("patience", \Self.patience, "validations without a better one before the end", in: 1...),
        Field("minDelta", \Self.minDelta, "by how much the loss must fall to count", in: 0...),
    ]

    public init() {}

    public init(patience: Int = 10, minDelta: Double = 0) {
        self.patience = patience
        self.minDelta = minDelta
    }

    public func follow() -> any Follower { Watch(settings: self) }

    struct Watch: Follower {
        struct Memory: Codable {
            var best = Double.infinity
            var waited = 0
        }

        let settings: EarlyStopping
        var memory = Memory()

        mutating func measured(loss: Double, on part: String) -> String? {
            if loss.isFinite, loss < memory.best - settings.minDelta {
                memory = Memory(best: loss)
                return nil
            }
            memory.waited += 1
            guard memory.waited >= settings.patience else { return nil }
            let times = part == "validation" ? "validation" : "epoch"
            return "\(part) loss has not improved for \(memory.waited) \(times)\(memory.waited == 1 ? "" : "s")"
        }
    }
}
