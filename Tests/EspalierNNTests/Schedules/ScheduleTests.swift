import EspalierSpec
import Testing

@testable import EspalierNN

@Suite struct ScheduleTests {
    @Test func constant() {
        for step in 0..<1000 { #expect(ConstantSchedule().factor(at: step, of: 1000) == 1) }
    }

    /// A tenth after every 100 steps, and the same factor from each step to the next.
    @Test func exponential() {
        let schedule = ExponentialSchedule(decayTo: 0.1, every: 100)
        var expected = 1.0
        for step in 0..<1000 {
            #expect(abs(schedule.factor(at: step, of: 1000) / expected - 1) < 1e-11)
            expected *= 0.977_237_220_955_810_7
        }
        #expect(schedule.factor(at: 0, of: 1000) == 1)
        #expect(abs(schedule.factor(at: 50, of: 1000) - 0.316_227_766_016_837_94) < 1e-15)
        #expect(abs(schedule.factor(at: 300, of: 1000) - 1e-3) < 1e-17)
    }

    @Test func growthIsAScheduleToo() {
        #expect(ExponentialSchedule(decayTo: 2, every: 1).factor(at: 10, of: 1000) == 1024)
    }

    /// lr_0 / 2 after r steps, lr_0 / 3 after 2 r.
    @Test func power() {
        let schedule = PowerSchedule(timescale: 50)
        #expect(schedule.factor(at: 50, of: 9) == 0.5)
        #expect(abs(schedule.factor(at: 100, of: 9) - 1 / 3.0) < 1e-15)
    }

    /// What schedules without a length of their own end with is the training's last step, or the one after it.
    @Test(arguments: [1, 2, 7, 500]) func endPoints(steps: Int) {
        func ends(_ schedule: any Schedule) -> (Double, Double) {
            (schedule.factor(at: 0, of: steps), schedule.factor(at: steps, of: steps))
        }
        #expect(ends(CosineSchedule(decayTo: 0.25)) == (1, 0.25))
        #expect(ends(LinearSchedule(from: 0.5, to: 0.125)) == (0.5, 0.125))
        #expect(ends(PolynomialSchedule(power: 2, decayTo: 0.125)) == (1, 0.125))
        #expect(ends(WarmupStableDecaySchedule(warmup: 0, decayTo: 0.25)) == (1, 0.25))
        let one = ends(OneCycleSchedule(startDivisor: 10, endDivisor: 100))
        #expect(abs(one.1 - 1e-3) < 1e-15)
        if steps > 10 { #expect(abs(one.0 - 0.1) < 1e-15) }
    }

    static let all: [any Schedule] = [
        ConstantSchedule(), PiecewiseSchedule(boundaries: [3], factors: [1, 0]), StepSchedule(every: 10),
        MultiStepSchedule(milestones: [5, 9]), ExponentialSchedule(every: 10), PowerSchedule(timescale: 10),
        PerformanceSchedule(), PolynomialSchedule(), LinearSchedule(), CosineSchedule(),
        CosineWarmRestartsSchedule(cycle: 7, growth: 3), CyclicSchedule(up: 5), OneCycleSchedule(),
        InverseSqrtSchedule(timescale: 10), WarmupStableDecaySchedule(),
    ]

    /// Between 0 and 1 at every step, also beyond the end, where those that end stay.
    @Test(arguments: all.indices, [1, 2, 3, 100]) func bounds(index: Int, steps: Int) {
        let schedule = Self.all[index], factors = (0..<3 * steps).map { schedule.factor(at: $0, of: steps) }
        #expect(factors.allSatisfy { (0...1).contains($0) }, "\(type(of: schedule).name): \(factors)")
        let hasEnd = Mirror(reflecting: schedule).children.contains { $0.label == "steps" }
        if hasEnd { #expect(Set(factors[steps...].map { ($0 * 1e12).rounded() }).count <= 1) }
    }

    /// A line to where the other begins, then the other, in what steps are left.
    @Test(arguments: all.indices) func warmupComposesWithAll(index: Int) {
        let other = Self.all[index], schedule = WarmupSchedule(steps: 20, from: 0.1, then: other)
        for step in 0..<20 {
            let expected = other.factor(at: 0, of: 80) * (0.1 + 0.9 * Double(step) / 20)
            #expect(abs(schedule.factor(at: step, of: 100) - expected) < 1e-15)
        }
        for step in 20..<130 { #expect(schedule.factor(at: step, of: 100) == other.factor(at: step - 20, of: 80)) }
        #expect((schedule.follow() == nil) == (other.follow() == nil))
    }

    /// lr_0 d^(-1/2) min(t^(-1/2), t w^(-3/2)) after its warm-up, as the transformer's paper has it.
    @Test func inverseSquareRootIsTheTransformers() {
        let schedule = WarmupSchedule(steps: 40, from: 0, then: InverseSqrtSchedule(timescale: 40))
        for step in 1..<400 {
            let t = Double(step)
            let expected = 40.0.squareRoot() * min(1 / t.squareRoot(), t / (40 * 40.0.squareRoot()))
            #expect(abs(schedule.factor(at: step, of: 400) - expected) < 1e-14)
        }
    }

    @Test(arguments: WarmupStableDecaySchedule.Shape.allCases) func warmupStableDecay(
        _ shape: WarmupStableDecaySchedule.Shape
    ) {
        let schedule = WarmupStableDecaySchedule(warmup: 0.1, decay: 0.3, decayTo: 0.2, shape: shape)
        let factors = (0...1000).map { schedule.factor(at: $0, of: 1000) }
        #expect(factors[0] == 0.005)
        #expect(zip(factors[..<100], factors[1...100]).allSatisfy { $0 < $1 })
        #expect(factors[100...700].allSatisfy { $0 == 1 })
        #expect(zip(factors[700...999], factors[701...]).allSatisfy { $0 > $1 })
        #expect(factors[1000] == 0.2)
        let middle = [.squareRoot: 0.2 + 0.8 * (1 - 0.5.squareRoot()), .linear: 0.6, .cosine: 0.6][shape]
        #expect(abs(factors[850] - (middle ?? 0)) < 1e-12)
    }

    @Test func aLossThatIsNoNumberIsNotBetter() throws {
        var follower = try #require(PerformanceSchedule(decayTo: 0.5, patience: 1).follow())
        let factors = [Double.nan, .nan, 3, 2, -.infinity, .nan, 1].map { loss in
            follower.measured(loss: loss)
            return follower.factor
        }
        #expect(factors == [1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25])
    }

    static let written: [ConfigurationValue] = [
        "constant", ["piecewise": ["boundaries": [10, 20], "factors": [1, 0.5, 0]]],
        ["step": ["decayTo": 0.5, "every": 7]], ["multiStep": ["milestones": [3, 8]]],
        ["exponential": ["decayTo": 0.5, "every": 7]], ["power": ["timescale": 10, "exponent": 0.5]],
        ["performance": ["patience": 3, "cooldown": 2, "absolute": true]], ["polynomial": ["power": 0.9, "steps": 50]],
        "linear", ["cosine": ["decayTo": 0.01]], ["cosineWarmRestarts": ["cycle": 10, "growth": 2]],
        ["cyclic": ["up": 10, "down": 5, "mode": "triangular2"]], ["oneCycle": ["shape": "linear"]],
        ["inverseSqrt": ["timescale": 100]], ["warmupStableDecay": ["shape": "cosine"]],
        ["warmup": ["steps": 10, "then": ["cosine": ["steps": 90]]]], ["warmup": ["steps": 5, "then": "linear"]],
    ]

    @Test func settingsComeBack() throws {
        let registry = Registry<any Schedule>.standard
        for value in Self.written {
            let schedule = try registry.read(ConfigurationNode(value))
            #expect(try registry.read(ConfigurationNode(schedule.named)).named == schedule.named)
        }
        let names = Self.written.map { value -> String in
            if case .map(let entries) = value {
                entries[0].key
            } else if case .string(let name) = value {
                name
            } else {
                ""
            }
        }
        #expect(Set(names) == Set(registry.names))
        #expect(try registry.read(ConfigurationNode(Self.written[4])).factor(at: 14, of: 20) == 0.25)
    }

    static let wrong: [ConfigurationValue] = [
        "cosyne", ["exponential": ["every": 0]], ["exponential": ["decayTo": 0]], ["step": ["every": 0]],
        ["multiStep": ["milestones": [5, 5]]], ["multiStep": [:]], ["piecewise": ["boundaries": [5], "factors": [1]]],
        ["piecewise": ["boundaries": [0], "factors": [1, 2]]], ["piecewise": ["boundaries": [5], "factors": [1, -1]]],
        ["cosine": ["steps": 0]], ["cosine": ["decayTo": 1.5]], ["linear": ["steps": 0]], ["linear": ["to": -0.1]],
        ["polynomial": ["power": 0]], ["power": ["timescale": 0]], ["performance": ["decayTo": 1]],
        ["performance": ["patience": -1]], ["cosineWarmRestarts": ["cycle": 0]], ["cosineWarmRestarts": ["growth": 0]],
        ["cyclic": ["up": 0]], ["cyclic": ["low": 1.2]], ["oneCycle": ["rise": 1.2]], ["oneCycle": ["steps": 1]],
        ["oneCycle": ["threePhase": true, "rise": 0.6]], ["warmupStableDecay": ["warmup": 0.6, "decay": 0.6]],
        ["warmup": ["then": "linear"]], ["warmup": ["steps": 0]], ["warmup": ["steps": 5, "then": "linaer"]],
        ["inverseSqrt": ["timescale": 0]],
    ]

    @Test(arguments: wrong) func wrongSettingsAreErrors(_ value: ConfigurationValue) {
        let error = #expect(throws: EspalierError.self) {
            try Registry<any Schedule>.standard.read(ConfigurationNode(value))
        }
        #expect(error?.expected != nil, "\(value)")
    }
}
