import EspalierSpec

/// A rise on a line before any other schedule: with f the factor that the other begins with,
/// lr_t = lr_0 f (from + (1 - from) t / steps) for t < steps, then the other, which starts there and has the steps left.
///
/// PyTorch's `LinearLR` and the other in a `SequentialLR`.
///
///     schedule: {warmup: {steps: 500, then: {cosine: {decayTo: 0.01}}}}
///
/// Source: Goyal et al. 2017, "Accurate, large minibatch SGD: training ImageNet in 1 hour"; that the first step takes a
/// hundredth of the rate is this project's. Use it with Adam, with large batches and for transformers, whose first
/// gradients are large; small networks under plain descent do without.
public struct WarmupSchedule: Schedule {
    public var steps = 100
    public var from = 0.01
    public var then = ScheduleChoice(ConstantSchedule())

    public static let name = "warmup"
    public static let summary = "A rise on a line, then any other schedule"
    public static let fields = [
        Field("steps", \Self.steps, "steps of the rise", required: true, accepting: "a whole number of at least 1") {
            $0 >= 1
        },
        Field("from", \Self.from, "the first factor", in: 0...1),
        Field("then", \Self.then, "the schedule that follows"),
    ]

    public init() {}

    public init(steps: Int, from: Double = 0.01, then schedule: any Schedule = ConstantSchedule()) {
        self.steps = steps
        self.from = from
        then = ScheduleChoice(schedule)
    }

    public func factor(at step: Int, of total: Int) -> Double {
        let rest = max(total - steps, 1)
        guard step < steps else { return then.schedule.factor(at: step - steps, of: rest) }
        return then.schedule.factor(at: 0, of: rest) * (from + (1 - from) * Double(step) / Double(steps))
    }

    public func follow() -> (any LossFollower)? { then.schedule.follow() }
}
