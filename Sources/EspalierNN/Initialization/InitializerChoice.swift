import EspalierSpec

/// An initialiser as a setting of a layer: its name, or its name with settings.
public struct InitializerChoice: ConfigurationRepresentable, Hashable {
    /// The initialisers that can be named while a configuration is read: whoever reads one with initialisers of its
    /// own sets this for as long as that takes.
    @TaskLocal public static var known = Registry<any Initializer>.standard

    public static var accepted: String { "the name of an initializer, or {name: {settings}}" }

    /// The initialiser that was chosen.
    public let initializer: any Initializer

    public init(_ initializer: any Initializer) {
        self.initializer = initializer
    }

    public init(configuration node: ConfigurationNode) throws {
        initializer = try Self.known.read(node)
    }

    public var configuration: ConfigurationValue { initializer.named }

    public static func == (first: Self, second: Self) -> Bool { first.configuration == second.configuration }
    public func hash(into hasher: inout Hasher) { hasher.combine(configuration) }
}
