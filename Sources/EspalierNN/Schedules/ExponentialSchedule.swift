import EspalierSpec
import Foundation

/// A learning rate that shrinks by the same factor in every `every` steps: lr_t = lr_0 decayTo^(t / every).
///
/// With decayTo 0.1 that is the textbooks' lr_0 10^(-t / r); with every 1 it is PyTorch's `ExponentialLR`.
///
/// Use it where a training has no fixed end; where it has one, a cosine spends fewer steps at tiny rates.
public struct ExponentialSchedule: Schedule {
    public var decayTo = 0.1
    public var every = 1000

    public static let name = "exponential"
    public static let summary = "lr_0 decayTo^(step / every)"
    public static let fields = [
        Field("decayTo", \Self.decayTo, "the factor that every so many steps multiply the rate by", in: .positive),
        Field("every", \Self.every, "steps", in: 1...),
    ]

    public init() {}

    public init(decayTo: Double = 0.1, every: Int) {
        self.decayTo = decayTo
        self.every = every
    }

    public func factor(at step: Int, of steps: Int) -> Double { pow(decayTo, Double(step) / Double(every)) }
}
