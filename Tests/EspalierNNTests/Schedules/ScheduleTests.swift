import EspalierSpec
import Testing

@testable import EspalierNN

@Suite struct ScheduleTests {
    @Test func constant() {
        for step in 0..<1000 { #expect(ConstantSchedule().factor(at: step) == 1) }
    }

    /// A tenth after every 100 steps, and the same factor from each step to the next.
    @Test func exponential() {
        let schedule = ExponentialSchedule(decayTo: 0.1, every: 100)
        var expected = 1.0
        for step in 0..<1000 {
            #expect(abs(schedule.factor(at: step) / expected - 1) < 1e-11)
            expected *= 0.977_237_220_955_810_7
        }
        #expect(schedule.factor(at: 0) == 1)
        #expect(abs(schedule.factor(at: 50) - 0.316_227_766_016_837_94) < 1e-15)
        #expect(abs(schedule.factor(at: 300) - 1e-3) < 1e-17)
    }

    @Test func growthIsAScheduleToo() { #expect(ExponentialSchedule(decayTo: 2, every: 1).factor(at: 10) == 1024) }

    @Test func settings() throws {
        let registry = Registry<any Schedule>.standard
        let schedule = try registry.read(ConfigurationNode(["exponential": ["decayTo": 0.5, "every": 7]]))
        #expect(schedule.factor(at: 14) == 0.25)
        #expect(try registry.read(ConfigurationNode(schedule.named)).named == schedule.named)
        for wrong in [["exponential": ["every": 0]], ["exponential": ["decayTo": 0]], "cosyne"] as [ConfigurationValue]
        {
            #expect(throws: EspalierError.self) { try registry.read(ConfigurationNode(wrong)) }
        }
    }
}
