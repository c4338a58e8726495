import EspalierSpec
import Foundation

/// A learning rate that drops by the same factor after every so many steps: lr_t = lr_0 decayTo^floor(t / every).
///
/// PyTorch's `StepLR` with gamma = decayTo, counted in steps. The default factor is PyTorch's.
///
/// Use it with recipes for image networks of the 2010s; a cosine does as well and has nothing to choose.
public struct StepSchedule: Schedule {
    public var decayTo = 0.1
    public var every = 1000

    public static let name = "step"
    public static let summary = "lr_0 decayTo^floor(step / every)"
    public static let fields = [
        Field("decayTo", \Self.decayTo, "the factor at each drop", in: .positive),
        Field("every", \Self.every, "steps from one drop to the next", in: 1...),
    ]

    public init() {}

    public init(decayTo: Double = 0.1, every: Int) {
        self.decayTo = decayTo
        self.every = every
    }

    public func factor(at step: Int, of steps: Int) -> Double { pow(decayTo, Double(step / every)) }
}
