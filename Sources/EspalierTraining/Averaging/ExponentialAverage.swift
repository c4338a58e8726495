import EspalierGraph
import EspalierSpec

/// An exponential moving average of the weights, which takes in every step: after the first step a <- w, then
/// a <- d a + (1 - d) w.
///
/// With `warmUp` d is min(decay, (1 + t) / (10 + t)) in step t, so that the average does not hold on to the first, random
/// weights. The running statistics beside it are those of the training, or with `refresh` measured anew over the training
/// data before every evaluation.
///
/// PyTorch's `AveragedModel` with `get_ema_multi_avg_fn(decay)`, whose default decay is ours; the warm-up is TensorFlow's
/// `ExponentialMovingAverage` with `num_updates`.
///
/// Sources: Polyak and Juditsky 1992, "Acceleration of stochastic approximation by averaging"; Tarvainen and Valpola 2017,
/// "Mean teachers are better role models". Use it where the loss is noisy from step to step; it needs some 3 / (1 - decay)
/// steps, so that a short training needs a smaller decay or the warm-up.
public struct ExponentialAverage: Specification {
    public var decay = 0.999
    public var warmUp = false
    public var refresh = false

    public static let name = "ema"
    public static let summary = "An exponential moving average of the weights, which takes in every step"
    public static let fields = [
        Field("decay", \Self.decay, "the share of the average that stays in a step", in: 0..<1),
        Field("warmUp", \Self.warmUp, "whether the decay is at most (1 + step) / (10 + step)"),
        Field("refresh", \Self.refresh, "whether running statistics are measured anew before each evaluation"),
    ]

    public init() {}

    public init(decay: Double, warmUp: Bool = false, refresh: Bool = false) {
        self.decay = decay
        self.warmUp = warmUp
        self.refresh = refresh
    }

    /// The average after step `t`, from 1, that led to `w`.
    func averaged(_ average: Tensor, _ w: Tensor, step t: Tensor) -> Tensor {
        let d = warmUp ? Tensor.minimum(Tensor(decay), (1 + t) / (10 + t)) : Tensor(decay)
        // As a difference, of which an average that is there already loses nothing.
        return average + .select(t .== 1, 1, 1 - d) * (w - average)
    }
}
