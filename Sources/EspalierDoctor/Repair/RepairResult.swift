import EspalierSpec
import EspalierTraining

/// What came of a repair: `repair.json`.
public struct RepairResult: Sendable {
    /// Something that was tried.
    public struct Attempt: Sendable {
        /// In the order in which they were applied.
        public var remedies: [Finding.Proposal]
        /// Of the metric, one a seed; none where it could not be trained.
        public var values: [Double]
        public var seeds: [Int]
        /// That each training took.
        public var epochs: Int
        public var isAccepted: Bool
        public var reason: String
    }

    public var isRepaired: Bool
    /// What came of it, in a sentence.
    public var reason: String
    /// `validation_accuracy` or `validation_r2`; `train_…` where nothing is held out.
    public var metric: String
    public var seeds: [Int]
    /// The metric as it was, one a seed.
    public var before: [Double]
    /// With the repair; nothing where there is none.
    public var after: [Double]?
    /// What was changed.
    public var remedies: [Finding.Proposal]
    public var attempts: [Attempt]
    /// Epochs that all trainings took together, and that they might have taken.
    public var epochs: Int
    public var epochLimit: Int
    /// What ended the search before it was done: `epochs`, `clock` or `interrupted`; nothing where it was done.
    public var cutOff: String?
    public var seconds: Double
    /// The repaired experiment.
    public var experiment: Experiment?

    public var configuration: ConfigurationValue {
        [
            "repaired": .boolean(isRepaired), "reason": .string(reason), "metric": .string(metric),
            "before": Self.statistics(before), "after": after.map(Self.statistics) ?? .null,
            "seeds": .list(seeds.map { .integer($0) }), "remedies": .list(remedies.map(\.configuration)),
            "attempts": .list(attempts.map(\.configuration)),
            "config": experiment == nil ? .null : "repaired.yaml",
            "budget": [
                "epochs": .integer(epochs), "limit": .integer(epochLimit),
                "cutOff": cutOff.map { .string($0) } ?? .null,
            ],
            "seconds": .number(seconds),
        ]
    }

    static func statistics(_ values: [Double]) -> ConfigurationValue {
        guard !values.isEmpty else { return .null }
        return [
            "mean": .number(values.reduce(0, +) / Double(values.count)), "values": .list(values.map { .number($0) }),
        ]
    }

    /// For people.
    public var text: String {
        var lines = ["\(isRepaired ? "repaired" : "not repaired"): \(reason)"]
        for remedy in remedies { lines.append("  \(remedy.strength): \(remedy.why)") }
        lines.append("  \(metric) before: \(Self.text(before))")
        if let after { lines.append("  \(metric) after:  \(Self.text(after))") }
        lines.append("  \(attempts.count) attempts, \(epochs) of at most \(epochLimit) epochs, \(seconds.short) s")
        return lines.joined(separator: "\n") + "\n"
    }

    static func text(_ values: [Double]) -> String {
        guard !values.isEmpty else { return "unknown" }
        let mean = values.reduce(0, +) / Double(values.count)
        return "\(mean.short) (\(values.map(\.short).joined(separator: ", ")))"
    }
}

extension RepairResult.Attempt {
    var configuration: ConfigurationValue {
        [
            "remedies": .list(remedies.map(\.configuration)), "value": RepairResult.statistics(values),
            "seeds": .list(seeds.map { .integer($0) }), "epochs": .integer(epochs), "accepted": .boolean(isAccepted),
            "reason": .string(reason),
        ]
    }
}
