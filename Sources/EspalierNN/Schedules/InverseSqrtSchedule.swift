import EspalierSpec

/// A learning rate that falls as one over the root of the step: lr_t = lr_0 sqrt(timescale / (timescale + t)).
///
/// After a warm-up of `timescale` steps (`warmup: {steps: 4000, then: {inverseSqrt: {timescale: 4000}}}`) this is the
/// transformer's schedule, lr_0 sqrt(timescale / step), with the step counted from the training's start.
///
/// Source: Vaswani et al. 2017, "Attention is all you need"; 4,000 is theirs. Use it for transformers trained without a
/// fixed end; where there is one, `warmupStableDecay` or a cosine end lower.
public struct InverseSqrtSchedule: Schedule {
    public var timescale = 4000

    public static let name = "inverseSqrt"
    public static let summary = "lr_0 sqrt(timescale / (timescale + step))"
    public static let fields = [Field("timescale", \Self.timescale, "steps, those of the warm-up before", in: 1...)]

    public init() {}

    public init(timescale: Int) { self.timescale = timescale }

    public func factor(at step: Int, of steps: Int) -> Double {
        (Double(timescale) / (Double(timescale) + Double(step))).squareRoot()
    }
}
