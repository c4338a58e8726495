import EspalierSpec

/// A learning rate that drops by a factor when the validation loss no longer falls.
///
/// A loss is better when it is below best (1 - threshold), or below best - threshold with `absolute`. After more than
/// `patience` epochs in a row without a better one the rate is multiplied by `decayTo`, down to lr_0 `minimum`; the
/// `cooldown` epochs after that do not count. A loss that is not finite is never better.
///
/// PyTorch's `ReduceLROnPlateau` with factor = decayTo, min_lr = lr_0 minimum, and its defaults, but for eps: every change is made. It is no function of the
/// step alone: each training follows its own loss. Without validation data it follows the training loss.
///
/// Use it where the length of a training is not known beforehand; it reacts late by `patience` epochs, and follows the
/// noise of a small validation set. Its patience has to be below that of early stopping.
public struct PerformanceSchedule: Schedule {
    public var decayTo = 0.1
    public var patience = 10
    public var threshold = 1e-4
    public var absolute = false
    public var cooldown = 0
    public var minimum = 0.0

    public static let name = "performance"
    public static let summary = "Drops by a factor when the validation loss no longer falls"
    public static let fields = [
        Field(
            "decayTo", \Self.decayTo, "the factor at each drop", accepting: "a number above 0 and below 1",
            where: { $0 > 0 && $0 < 1 }),
        Field("patience", \Self.patience, "epochs without a better loss that are let pass", in: 0...),
        Field("threshold", \Self.threshold, "by how much a loss must be lower to be better", in: 0...),
        Field("absolute", \Self.absolute, "whether the threshold is a difference, not a share of the best loss"),
        Field("cooldown", \Self.cooldown, "epochs after a drop that do not count", in: 0...),
        Field("minimum", \Self.minimum, "the least factor", in: 0...1),
    ]

    public init() {}

    public init(
        decayTo: Double = 0.1, patience: Int = 10, threshold: Double = 1e-4, absolute: Bool = false, cooldown: Int = 0,
        minimum: Double = 0
    ) {
        self.decayTo = decayTo
        self.patience = patience
        self.threshold = threshold
        self.absolute = absolute
        self.cooldown = cooldown
        self.minimum = minimum
    }

    public func factor(at step: Int, of steps: Int) -> Double { 1 }

    public func follow() -> (any LossFollower)? { Watch(settings: self) }

    private struct Watch: LossFollower {
        struct Memory: Codable {
            var factor = 1.0
            var best = Double.infinity
            var waited = 0
            var cooling = 0
        }

        let settings: PerformanceSchedule
        var memory = Memory()

        var factor: Double { memory.factor }

        mutating func measured(loss: Double) {
            let best = memory.best
            let bound = settings.absolute ? best - settings.threshold : best * (1 - settings.threshold)
            if loss.isFinite, best.isInfinite || loss < bound {
                memory.best = loss
                memory.waited = 0
            } else {
                memory.waited += 1
            }
            if memory.cooling > 0 {
                memory.cooling -= 1
                memory.waited = 0
            }
            guard memory.waited > settings.patience else { return }
            memory.factor = max(factor * settings.decayTo, settings.minimum)
            memory.cooling = settings.cooldown
            memory.waited = 0
        }
    }
}
