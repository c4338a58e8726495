import EspalierSpec
import EspalierTraining

/// The key `search` of a configuration: what is searched, and how.
public struct SearchSettings: Specification {
    public var ranges = SearchSpace()
    public var trials = 50
    public var sampler = SamplerChoice(TPE())
    public var pruner = PrunerChoice(NoPruner())
    public var metric: String?
    public var seed = 7
    public var parallel: Int?

    public static let name = "search"
    public static let summary = "How `espalier search` finds the best values of settings"
    public static let fields = [
        Field("ranges", \Self.ranges, "for each setting the values that it may take", required: true),
        Field("trials", \Self.trials, "trainings that are made", in: 1...1_000_000),
        Field("sampler", \Self.sampler, "how values are drawn: see `espalier list samplers`"),
        Field("pruner", \Self.pruner, "how trials without prospects end early: see `espalier list pruners`"),
        Field(
            "metric", \Self.metric,
            "what is to be good on the validation data: a metric, or loss; null for the first metric"),
        Field("seed", \Self.seed, "what the draws follow from", in: 0...),
        Field(
            "parallel", \Self.parallel, "trials side by side, each on one thread; null for one a processor",
            in: 1...1024),
    ]

    public init() {}

    public init(_ space: SearchSpace) { ranges = space }
}

/// A sampler that was chosen by name.
public struct SamplerChoice: ConfigurationRepresentable, Hashable {
    public static var accepted: String { "a sampler" }
    public var sampler: any Sampler

    public init(_ sampler: any Sampler) { self.sampler = sampler }
    public init(configuration node: ConfigurationNode) throws { sampler = try Samplers.registry.read(node) }
    public var configuration: ConfigurationValue { sampler.named }
    public static func == (first: Self, second: Self) -> Bool { first.configuration == second.configuration }
    public func hash(into hasher: inout Hasher) { hasher.combine(configuration) }
}

/// A pruner that was chosen by name.
public struct PrunerChoice: ConfigurationRepresentable, Hashable {
    public static var accepted: String { "a pruner" }
    public var pruner: any Pruner

    public init(_ pruner: any Pruner) { self.pruner = pruner }
    public init(configuration node: ConfigurationNode) throws { pruner = try Pruners.registry.read(node) }
    public var configuration: ConfigurationValue { pruner.named }
    public static func == (first: Self, second: Self) -> Bool { first.configuration == second.configuration }
    public func hash(into hasher: inout Hasher) { hasher.combine(configuration) }
}

extension Search {
    /// The samplers and pruners as `espalier list` shows them; none of any other kind.
    public static func parts(of kind: PartKind) -> [PartListing] {
        switch kind {
        case .samplers: Samplers.registry.entries.map(PartListing.init)
        case .pruners: Pruners.registry.entries.map(PartListing.init)
        default: []
        }
    }
}
