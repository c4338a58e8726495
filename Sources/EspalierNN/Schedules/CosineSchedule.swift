import EspalierSpec
import Foundation

/// A learning rate that falls along half a cosine: lr_t = lr_0 (decayTo + (1 - decayTo) (1 + cos(pi t / steps)) / 2),
/// and lr_0 decayTo from `steps` on.
///
/// PyTorch's `CosineAnnealingLR` with eta_min = lr_0 decayTo, but that PyTorch's rate rises again beyond the end.
///
/// Source: Loshchilov and Hutter 2017, "SGDR: stochastic gradient descent with warm restarts". Use it, after a warm-up,
/// wherever the number of steps is known; a training that is stopped early has not seen its small rates.
public struct CosineSchedule: Schedule {
    public var decayTo = 0.0
    public var steps: Int?

    public static let name = "cosine"
    public static let summary = "lr_0 (decayTo + (1 - decayTo) (1 + cos(pi step / steps)) / 2)"
    public static let fields = [
        Field("decayTo", \Self.decayTo, "the last factor", in: 0...1),
        Field("steps", \Self.steps, "steps until then; null is the training's end", in: 1...),
    ]

    public init() {}

    public init(decayTo: Double = 0, steps: Int? = nil) {
        self.decayTo = decayTo
        self.steps = steps
    }

    public func factor(at step: Int, of total: Int) -> Double {
        decayTo + (1 - decayTo) * halfCosine(progress(step, of: steps ?? total))
    }
}

/// From 1 at 0 to 0 at 1, along half a cosine.
func halfCosine(_ progress: Double) -> Double { (1 + cos(.pi * progress)) / 2 }
