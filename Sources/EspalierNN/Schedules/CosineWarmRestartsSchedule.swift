import EspalierSpec

/// Half cosines one after the other, each `growth` times as long as the one before:
/// lr_t = lr_0 (decayTo + (1 - decayTo) (1 + cos(pi t_i / T_i)) / 2), t_i steps into a cycle of T_i.
///
/// PyTorch's `CosineAnnealingWarmRestarts` with T_0 = cycle, T_mult = growth, eta_min = lr_0 decayTo.
///
/// Source: Loshchilov and Hutter 2017, "SGDR: stochastic gradient descent with warm restarts". Use it for snapshots at
/// the ends of cycles, to average or to choose from; one cosine over the whole training is usually better for its last
/// weights.
public struct CosineWarmRestartsSchedule: Schedule {
    public var cycle = 1000
    public var growth = 1
    public var decayTo = 0.0

    public static let name = "cosineWarmRestarts"
    public static let summary = "Half cosines one after the other, each longer than the last by a factor"
    public static let fields = [
        Field("cycle", \Self.cycle, "steps of the first cycle", in: 1...),
        Field("growth", \Self.growth, "how many times as long the next cycle is", in: 1...),
        Field("decayTo", \Self.decayTo, "the last factor of each cycle", in: 0...1),
    ]

    public init() {}

    public init(cycle: Int, growth: Int = 1, decayTo: Double = 0) {
        self.cycle = cycle
        self.growth = growth
        self.decayTo = decayTo
    }

    public func factor(at step: Int, of steps: Int) -> Double {
        var start = 0, length = cycle
        // At the same length for ever, the cycles before are left out at once.
        if growth == 1 { start = step / cycle * cycle }
        while step - start >= length {
            start += length
            length = length.multipliedReportingOverflow(by: growth).overflow ? Int.max : length * growth
        }
        return decayTo + (1 - decayTo) * halfCosine(Double(step - start) / Double(length))
    }
}
