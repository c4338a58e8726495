import EspalierNN
import Testing

/// The learning rate over 1,000 steps against PyTorch's schedules, to 1e-12 of the highest rate.
@Suite struct ScheduleParityTests {
    static let rate = 0.5
    static let cases: [(name: String, schedule: any Schedule)] = [
        ("step", StepSchedule(decayTo: 0.3, every: 170)),
        ("multiStep", MultiStepSchedule(decayTo: 0.5, milestones: [100, 400, 401, 900])),
        ("exponential", ExponentialSchedule(decayTo: 0.995, every: 1)),
        ("polynomial", PolynomialSchedule(power: 1.7, steps: 800)),
        ("linear", LinearSchedule(from: 0.2, to: 0.9, steps: 700)),
        ("cosine", CosineSchedule(decayTo: 0.05)),
        ("cosineWarmRestarts", CosineWarmRestartsSchedule(cycle: 60, growth: 2, decayTo: 0.1)),
        ("cosineWarmRestartsEqual", CosineWarmRestartsSchedule(cycle: 130)),
        ("cyclicTriangular", CyclicSchedule(up: 70, down: 130)),
        ("cyclicTriangular2", CyclicSchedule(up: 90, mode: .triangular2)),
        ("cyclicExponential", CyclicSchedule(up: 110, mode: .exponential, gamma: 0.998)),
        ("oneCycle", OneCycleSchedule()),
        ("oneCycleLinear", OneCycleSchedule(rise: 0.45, startDivisor: 10, endDivisor: 50, shape: .linear)),
        ("oneCycleThreePhase", OneCycleSchedule(rise: 0.4, threePhase: true)),
        ("warmupCosine", WarmupSchedule(steps: 100, from: 0.1, then: CosineSchedule())),
        (
            "warmupExponential",
            WarmupSchedule(steps: 100, from: 0.1, then: ExponentialSchedule(decayTo: 0.997, every: 1))
        ),
        ("inverseSqrt", InverseSqrtSchedule(timescale: 300)),
        ("power", PowerSchedule(timescale: 150, exponent: 0.8)),
        ("piecewise", PiecewiseSchedule(boundaries: [200, 750], factors: [1, 0.4, 0.05])),
    ]
    static let plateaus: [(name: String, schedule: PerformanceSchedule)] = [
        ("performance", PerformanceSchedule(decayTo: 0.5, patience: 5)),
        ("performanceAbsolute", PerformanceSchedule(decayTo: 0.3, patience: 3, threshold: 0.02, absolute: true)),
        ("performanceCooldown", PerformanceSchedule(decayTo: 0.4, patience: 2, cooldown: 7, minimum: 1e-3)),
    ]

    @Test func everyCaseIsCompared() throws {
        let names = try Fixture("schedules", .float64).tensors.keys.map { String($0.prefix { $0 != "/" }) }
        #expect(Set(names) == Set(Self.cases.map(\.name) + Self.plateaus.map(\.name)))
    }

    @Test(arguments: cases.indices) func functionsOfTheStep(index: Int) throws {
        let (name, schedule) = Self.cases[index]
        let expected = try Fixture("schedules", .float64)["\(name)/rates"].values
        let rates = (0..<1000).map { Self.rate * schedule.factor(at: $0, of: 1000) }
        #expect(distance(rates, expected) < 1e-12, "\(name)")
        for step in 0..<1000 where abs(rates[step] - expected[step]) > 1e-12 {
            Issue.record("\(name): \(rates[step]) in step \(step), not \(expected[step])")
            break
        }
    }

    @Test(arguments: plateaus.indices) func reducedOnPlateaus(index: Int) throws {
        let (name, schedule) = Self.plateaus[index]
        let fixture = try Fixture("schedules", .float64)
        var follower = try #require(schedule.follow())
        let rates = fixture["\(name)/losses"].values.map { loss in
            defer { follower.measured(loss: loss) }
            return Self.rate * follower.factor
        }
        let expected = fixture["\(name)/rates"].values
        // PyTorch leaves out drops below 1e-8.
        #expect(zip(rates, expected).allSatisfy { abs($0 - $1) < 2e-8 }, "\(name)")
        let drops = Set(expected.map { ($0 * 1e6).rounded() }).count
        #expect(drops > 3, "\(name) drops \(drops) times")
    }
}
