import EspalierSpec

/// A learning rate on a line: lr_t = lr_0 (from + (to - from) t / steps), and lr_0 to from `steps` on.
///
/// PyTorch's `LinearLR` with from = start_factor, to = end_factor, steps = total_iters. The defaults fall from lr_0 to
/// zero over the training, as is usual where transformers are fine-tuned (Devlin et al. 2019, "BERT").
///
/// Use it to fine-tune, after a warm-up; not where the end is unknown.
///
/// Source: Devlin, Chang, Lee and Toutanova 2019, "BERT: pre-training of deep bidirectional transformers for language
/// understanding".
public struct LinearSchedule: Schedule {
    public var from = 1.0
    public var to = 0.0
    public var steps: Int?

    public static let name = "linear"
    public static let summary = "lr_0 (from + (to - from) step / steps)"
    public static let fields = [
        Field("from", \Self.from, "the first factor", in: 0...),
        Field("to", \Self.to, "the last factor", in: 0...),
        Field("steps", \Self.steps, "steps from one to the other; null is the training's end", in: 1...),
    ]

    public init() {}

    public init(from: Double = 1, to: Double = 0, steps: Int? = nil) {
        self.from = from
        self.to = to
        self.steps = steps
    }

    public func factor(at step: Int, of total: Int) -> Double {
        from + (to - from) * progress(step, of: steps ?? total)
    }
}
