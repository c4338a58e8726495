import EspalierSpec

/// A setting that is the same for all columns, `median`, or differs by their names: `{age: mean, '*': median}`, where
/// `*` stands for all others.
public struct PerColumn<Value: ConfigurationRepresentable & Hashable>: ConfigurationRepresentable, Hashable {
    /// One column's.
    public struct Entry: Hashable, Sendable {
        public var column: String
        public var value: Value
    }

    /// What is said of single columns, in the order in which it was said.
    public var named: [Entry]
    /// What holds for all others; nothing where that is not said.
    public var others: Value?

    /// The same for all columns; nothing where nothing is said.
    public init(_ others: Value? = nil) {
        named = []
        self.others = others
    }

    public init(_ named: KeyValuePairs<String, Value>, others: Value? = nil) {
        self.init(named.map { Entry(column: $0.key, value: $0.value) }, others: others)
    }

    public init(_ named: [Entry], others: Value? = nil) {
        self.named = named
        self.others = others
    }

    /// What holds for `column`; nothing where nothing is said of it.
    public subscript(column: String) -> Value? { named.first { $0.column == column }?.value ?? others }

    /// Whether anything is said of `column` by its name.
    public func names(_ column: String) -> Bool { named.contains { $0.column == column } }

    public static var accepted: String {
        "\(Value.accepted); or a map of these by column, in which '*' is all others"
    }

    public init(configuration node: ConfigurationNode) throws {
        self.init()
        switch node.content {
        case .null: return
        case .map(let entries):
            for entry in entries {
                let value = try Value(configuration: entry.value)
                if entry.key == "*" {
                    others = value
                } else {
                    named.append(Entry(column: entry.key, value: value))
                }
            }
        default: others = try Value(configuration: node)
        }
    }

    public var configuration: ConfigurationValue {
        guard !named.isEmpty else { return others?.configuration ?? .null }
        let rest = others.map { [ConfigurationValue.Entry("*", $0.configuration)] } ?? []
        return .map(named.map { ConfigurationValue.Entry($0.column, $0.value.configuration) } + rest)
    }
}

extension PerColumn: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, Value)...) {
        self.init(elements.map { Entry(column: $0.0, value: $0.1) })
    }
}
