import EspalierSpec

/// A layer as a setting of another layer: its name, or its name with settings.
public struct LayerChoice: ConfigurationRepresentable, Hashable {
    /// The layers that can be named while a configuration is read: whoever reads one with layers of its own sets this
    /// for as long as that takes.
    @TaskLocal public static var known = Registry<any LayerSpecification>.standard

    public static var accepted: String { "the name of a layer, or {name: {settings}}" }

    /// The layer that was chosen.
    public let specification: any LayerSpecification

    public init(_ specification: any LayerSpecification) {
        self.specification = specification
    }

    public init(configuration node: ConfigurationNode) throws {
        specification = try Self.known.read(node)
    }

    public var configuration: ConfigurationValue { specification.named }

    public static func == (first: Self, second: Self) -> Bool { first.configuration == second.configuration }
    public func hash(into hasher: inout Hasher) { hasher.combine(configuration) }
}
