import EspalierSpec

/// A schedule as a setting of another: its name, or its name with settings.
public struct ScheduleChoice: ConfigurationRepresentable, Hashable {
    /// The schedules that can be named while a configuration is read: whoever reads one with schedules of its own sets
    /// this for as long as that takes.
    @TaskLocal public static var known = Registry<any Schedule>.standard

    public static var accepted: String { "the name of a schedule, or {name: {settings}}" }

    /// The schedule that was chosen.
    public let schedule: any Schedule

    public init(_ schedule: any Schedule) { self.schedule = schedule }

    public init(configuration node: ConfigurationNode) throws {
        schedule = try Self.known.read(node)
    }

    public var configuration: ConfigurationValue { schedule.named }

    public static func == (first: Self, second: Self) -> Bool { first.configuration == second.configuration }
    public func hash(into hasher: inout Hasher) { hasher.combine(configuration) }
}
