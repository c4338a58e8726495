import EspalierSpec

/// Given factors between given steps: lr_t = lr_0 factors[i], where i counts the boundaries that t has reached.
///
/// Use it to repeat a published recipe step by step; not where its steps would have to be found by trial first.
public struct PiecewiseSchedule: Schedule {
    public var boundaries: [Int] = []
    public var factors: [Double] = [1]

    public static let name = "piecewise"
    public static let summary = "Given factors between given steps"
    public static let fields = [
        Field(
            "boundaries", \Self.boundaries, "the steps at which the next factor begins", required: true,
            accepting: "a list of rising whole numbers from 1", where: isRising),
        Field(
            "factors", \Self.factors, "times lr_0, one more than boundaries", required: true,
            accepting: "a list of numbers of at least 0", where: { $0.allSatisfy { $0 >= 0 } }),
    ]

    public init() {}

    public init(boundaries: [Int], factors: [Double]) {
        self.boundaries = boundaries
        self.factors = factors
    }

    public func validate() throws {
        guard factors.count != boundaries.count + 1 else { return }
        throw EspalierError(
            "piecewise: \(factors.count) factors for \(boundaries.count) boundaries",
            expected: "\(boundaries.count + 1) factors, one before, between and after the boundaries",
            fix: "piecewise: {boundaries: [1000, 2000], factors: [1, 0.1, 0.01]}")
    }

    public func factor(at step: Int, of steps: Int) -> Double { factors[boundaries.count { $0 <= step }] }
}

/// Whether steps are at least 1 and each is above the one before.
@Sendable func isRising(_ steps: [Int]) -> Bool {
    zip([0] + steps, steps).allSatisfy { $0 < $1 }
}
