/// The parts of one kind (layers, optimisers, …) by name: what a configuration can say and `espalier list` shows.
///
/// A registry is a value. A program that adds parts of its own takes the standard registry, registers its types, and
/// hands the result to whoever reads configurations.
public struct Registry<Part: Sendable>: Sendable {
    /// One registered part.
    public struct Entry: Sendable {
        public var name: String
        public var summary: String
        public var parameters: [Parameter]
        /// What was registered: tells entries apart that one registry holds but `espalier list` shows as several kinds.
        public let type: any Specification.Type
        var read: @Sendable (ConfigurationNode) throws -> Part
    }

    /// A setting as it is listed.
    public struct Parameter: Sendable {
        public var name: String
        public var summary: String
        public var accepted: String
        /// Nothing where the setting must be given.
        public var defaultValue: ConfigurationValue?
    }

    /// What one entry is called in messages: `layer`, `optimizer`.
    public let kind: String
    public private(set) var entries: [Entry] = []

    public init(kind: String) {
        self.kind = kind
    }

    public var names: [String] { entries.map(\.name) }

    /// Adds a part under its own name; a second part of that name replaces the first.
    public mutating func register<S: Specification>(_ type: S.Type, as part: @escaping @Sendable (S) -> Part) {
        let defaults = S()
        let parameters = S.fields.map { field in
            Parameter(
                name: field.name, summary: field.summary, accepted: field.accepted,
                defaultValue: field.isRequired ? nil : field.write(defaults))
        }
        let entry = Entry(name: S.name, summary: S.summary, parameters: parameters, type: type) {
            part(try S(configuration: $0))
        }
        entries.removeAll { $0.name == S.name }
        entries.append(entry)
    }

    /// Reads `name` or `{name: {settings}}`.
    public func read(_ node: ConfigurationNode) throws -> Part {
        switch node.content {
        case .string(let name):
            return try entry(name, at: node.place)
                .read(ConfigurationNode(.null, location: node.location, path: node.path))
        case .map(let entries) where entries.count == 1:
            let place = entries[0].keyLocation?.description ?? node.place
            return try entry(entries[0].key, at: place).read(entries[0].value)
        case .map(let entries) where entries.first.map({ names.contains($0.key) }) ?? false:
            if let other = entries.dropFirst().first(where: { names.contains($0.key) })?.key {
                throw EspalierError(
                    "\(node.path.isEmpty ? "there" : node.path) names \(entries[0].key) and \(other)", at: node.place,
                    expected: "{name: {settings}} with exactly one name",
                    fix: "keep one of them; another \(kind) is set as a whole: "
                        + "{\(other): {…}} in place of {\(entries[0].key): {…}}")
            }
            throw node.mismatch(
                expected: "{name: {settings}} with exactly one name",
                fix: "indent what belongs to \(entries[0].key) further, or {\(entries[0].key): {…}}")
        default:
            throw node.mismatch(
                expected: "the name of \(withArticle(kind)), or {name: {settings}} with exactly one name",
                fix: names.first.map { "\($0), or {\($0): {…}}" })
        }
    }

    private func entry(_ name: String, at place: String) throws -> Entry {
        guard let entry = entries.first(where: { $0.name == name }) else {
            throw unknown(kind, name, among: names, at: place)
        }
        return entry
    }
}

/// `a layer`, `an optimizer`.
private func withArticle(_ noun: String) -> String { ("aeiou".contains(noun.prefix(1)) ? "an " : "a ") + noun }
