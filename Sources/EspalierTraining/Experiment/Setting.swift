import EspalierSpec

/// A key of a configuration that names parts out of a catalog: how it is read and how it is written.
///
/// The list of an owner's settings is the one place that knows their names and their order.
struct Setting<Owner>: Sendable {
    let name: String
    /// The keys below it, where it is a map of settings.
    let keys: [String]
    let read: @Sendable (ConfigurationNode, Catalog, inout Owner) throws -> Void
    /// Nothing where it is not decided yet.
    let write: @Sendable (Owner) -> ConfigurationValue?

    init(
        _ name: String, read: @escaping @Sendable (ConfigurationNode, Catalog, inout Owner) throws -> Void,
        write: @escaping @Sendable (Owner) -> ConfigurationValue?
    ) {
        self.name = name
        keys = []
        self.read = read
        self.write = write
    }

    init<Value: ConfigurationRepresentable>(_ name: String, _ path: WritableKeyPath<Owner, Value> & Sendable) {
        self.name = name
        keys = (Value.self as? any Specification.Type)?.fieldNames ?? []
        read = { node, _, owner in owner[keyPath: path] = try .init(configuration: node) }
        write = { $0[keyPath: path].configuration }
    }
}

extension ConfigurationNode {
    /// Reads every key with its setting.
    func read<Owner>(_ settings: [Setting<Owner>], into owner: inout Owner, from catalog: Catalog) throws {
        for entry in try entries() {
            try settings.first { $0.name == entry.key }?.read(entry.value, catalog, &owner)
        }
    }

    /// The value under a key without which nothing can be done.
    ///
    /// An unknown key is found first: it may be that one, misspelled.
    ///
    /// - Parameters:
    ///   - example: What could stand there.
    func required<Owner>(_ key: String, of settings: [Setting<Owner>], example: String) throws -> ConfigurationNode {
        guard case .map(let entries) = content else {
            throw mismatch(expected: "a map of settings, at least \(key)", fix: "{\(key): \(example)}")
        }
        for entry in entries where !settings.contains(where: { $0.name == entry.key }) {
            var error = unknown(
                "key", entry.key, among: settings.map(\.name),
                at: entry.keyLocation?.description ?? entry.value.place)
            if let owner = settings.first(where: { $0.keys.contains(entry.key) }) {
                error.fix = "\(owner.name): {\(entry.key): …}"
            }
            throw error
        }
        guard let value = self[key] else {
            throw EspalierError(
                "\(path.isEmpty ? "" : "\(path).")\(key) is missing", at: place, expected: "the key \(key)",
                fix: "\(key): \(example)")
        }
        return value
    }
}

extension ConfigurationValue {
    /// The settings of `owner` that are decided, in their order.
    init<Owner>(_ owner: Owner, _ settings: [Setting<Owner>]) {
        self = .map(settings.compactMap { setting in setting.write(owner).map { Entry(setting.name, $0) } })
    }
}

extension Specification {
    fileprivate static var fieldNames: [String] { fields.map(\.name) }
}
