import EspalierGraph
import EspalierSpec

/// Evolved sign momentum: every parameter moves by the learning rate, in the direction of a mean of gradients.
///
///     c = beta1 m + (1 - beta1) g
///     w <- w - lr (sign(c) + lambda w)
///     m <- beta2 m + (1 - beta2) g
///
/// Slots: `firstMoment`, half of Adam's memory. There is no eps, as nothing is divided; where c is zero w stays. Defaults: the
/// paper's; without weight decay, for which it takes 3 to 10 times AdamW's lambda with a learning rate as many times
/// smaller. Use it for large batches of large networks; in small ones the steps, all of one size, keep it from settling
/// unless the rate decays.
///
/// Source: Chen, Liang, Huang, Real, Wang, Liu, Pham, Dong, Luong, Hsieh, Lu and Le 2023, "Symbolic discovery of
/// optimization algorithms". PyTorch has none.
public struct Lion: Optimizer {
    public var learningRate = 1e-4
    public var betas = [0.9, 0.99]
    /// lambda.
    public var weightDecay = 0.0
    /// Which parameters decay.
    public var on = WeightPenalty.Target.weights

    public static let name = "lion"
    public static let summary = "Steps of one size, by the sign of a mean of gradients"
    public static let fields: [Field<Self>] = [
        .learningRate("how far every parameter moves"),
        .betas(\Self.betas, "shares of the mean that stay: in the step, and in what is kept"),
        .weightDecay(\Self.weightDecay), .decaying(\Self.on),
    ]

    public init() {}

    public init(
        learningRate: Double = 1e-4, betas: (Double, Double) = (0.9, 0.99), weightDecay: Double = 0,
        on: WeightPenalty.Target = .weights
    ) {
        self.learningRate = learningRate
        self.betas = [betas.0, betas.1]
        self.weightDecay = weightDecay
        self.on = on
    }

    public var slots: [String] { ["firstMoment"] }

    public func decays(_ parameter: Parameter.Slot) -> Bool { weightDecay > 0 && on.includes(parameter) }

    public func decayed(_ w: Tensor, learningRate lr: Tensor) -> Tensor { w - (lr * weightDecay) * w }

    public func update(
        _ w: Tensor, gradient g: Tensor, slots: [Tensor], learningRate lr: Tensor, step t: Tensor
    ) -> (parameter: Tensor, slots: [Tensor]) {
        let c = betas[0] * slots[0] + (1 - betas[0]) * g
        let m = betas[1] * slots[0] + (1 - betas[1]) * g
        return (w - lr * c.sign(), [m])
    }
}
