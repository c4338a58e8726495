import EspalierSpec
import Foundation

/// A learning rate that falls to its end as a power of what is left of the training:
/// lr_t = lr_0 (decayTo + (1 - decayTo) (1 - t / steps)^power), and lr_0 decayTo from `steps` on.
///
/// With decayTo 0 it is PyTorch's `PolynomialLR`, whose default power 1 is ours.
///
/// Use it, with powers around 0.9, for segmentation (Chen et al. 2017, "DeepLab"); not where the end is unknown.
///
/// Source: Chen, Papandreou, Kokkinos, Murphy and Yuille 2018, "DeepLab: semantic image segmentation with deep
/// convolutional nets, atrous convolution, and fully connected CRFs" (power 0.9).
public struct PolynomialSchedule: Schedule {
    public var power = 1.0
    public var decayTo = 0.0
    public var steps: Int?

    public static let name = "polynomial"
    public static let summary = "lr_0 (decayTo + (1 - decayTo) (1 - step / steps)^power)"
    public static let fields = [
        Field("power", \Self.power, "1 is a line, above 1 falls fast first", in: .positive),
        Field("decayTo", \Self.decayTo, "the last factor", in: 0...1),
        Field("steps", \Self.steps, "steps until then; null is the training's end", in: 1...),
    ]

    public init() {}

    public init(power: Double = 1, decayTo: Double = 0, steps: Int? = nil) {
        self.power = power
        self.decayTo = decayTo
        self.steps = steps
    }

    public func factor(at step: Int, of total: Int) -> Double {
        decayTo + (1 - decayTo) * pow(1 - progress(step, of: steps ?? total), power)
    }
}

/// The share of `steps` that is done at `step`; 1 beyond them.
func progress(_ step: Int, of steps: Int) -> Double {
    min(1, Double(step) / Double(max(steps, 1)))
}
