import EspalierSpec
import Foundation

/// A learning rate that falls ever more slowly: lr_t = lr_0 (1 + t / timescale)^(-exponent).
///
/// After r = timescale steps, with exponent c = 1, the rate is lr_0 / 2, then lr_0 / 3, and so on.
///
/// Source: Robbins and Monro 1951, "A stochastic approximation method", under whose conditions (1/2 < c <= 1) descent
/// converges. Use it where a training has no fixed end; it is slow where it has one.
public struct PowerSchedule: Schedule {
    public var timescale = 1000
    public var exponent = 1.0

    public static let name = "power"
    public static let summary = "lr_0 (1 + step / timescale)^(-exponent)"
    public static let fields = [
        Field("timescale", \Self.timescale, "steps", in: 1...),
        Field("exponent", \Self.exponent, "how fast the rate falls", in: .positive),
    ]

    public init() {}

    public init(timescale: Int, exponent: Double = 1) {
        self.timescale = timescale
        self.exponent = exponent
    }

    public func factor(at step: Int, of steps: Int) -> Double {
        pow(1 + Double(step) / Double(timescale), -exponent)
    }
}
