/// Where a value stands in a configuration file.
///
/// Lines and columns count from one. Line 0 is no line at all, for a value that stands in no file, such as one given by
/// `--set`.
public struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
    public var file: String
    public var line: Int
    public var column: Int

    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    public var description: String { line > 0 ? "\(file):\(line):\(column)" : file }
}

/// A value of a configuration, without its place in a file.
public indirect enum ConfigurationValue: Sendable, Hashable {
    case null
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case list([ConfigurationValue])
    case map([Entry])

    /// One key of a map; maps keep the order in which they were written.
    public struct Entry: Sendable, Hashable {
        public var key: String
        public var value: ConfigurationValue

        public init(_ key: String, _ value: ConfigurationValue) {
            self.key = key
            self.value = value
        }
    }

    /// The value under `key`, where this is a map that has it.
    public subscript(key: String) -> ConfigurationValue? {
        guard case .map(let entries) = self else { return nil }
        return entries.first { $0.key == key }?.value
    }
}

extension ConfigurationValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(arrayLiteral elements: ConfigurationValue...) { self = .list(elements) }
    public init(dictionaryLiteral elements: (String, ConfigurationValue)...) {
        self = .map(elements.map { Entry($0.0, $0.1) })
    }
}

/// A value of a configuration together with where it was written, so that every complaint can name its place.
public struct ConfigurationNode: Sendable, Hashable {
    public indirect enum Content: Sendable, Hashable {
        case null
        case boolean(Bool)
        case integer(Int)
        case number(Double)
        case string(String)
        case list([ConfigurationNode])
        case map([Entry])
    }

    public struct Entry: Sendable, Hashable {
        public var key: String
        public var keyLocation: SourceLocation?
        public var value: ConfigurationNode

        public init(key: String, keyLocation: SourceLocation? = nil, value: ConfigurationNode) {
            self.key = key
            self.keyLocation = keyLocation
            self.value = value
        }
    }

    public var content: Content
    public var location: SourceLocation?
    /// The dotted path of keys that leads here: `model.2.linear.units`.
    public var path: String

    public init(_ content: Content, location: SourceLocation? = nil, path: String = "") {
        self.content = content
        self.location = location
        self.path = path
    }

    /// A value that was written in no file, such as one given by `--set`.
    public init(_ value: ConfigurationValue, path: String = "") {
        func child(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
        let content: Content =
            switch value {
            case .null: .null
            case .boolean(let value): .boolean(value)
            case .integer(let value): .integer(value)
            case .number(let value): .number(value)
            case .string(let value): .string(value)
            case .list(let values):
                .list(values.enumerated().map { ConfigurationNode($1, path: child(String($0))) })
            case .map(let entries):
                .map(entries.map { Entry(key: $0.key, value: ConfigurationNode($0.value, path: child($0.key))) })
            }
        self.init(content, path: path)
    }

    /// The value alone.
    public var value: ConfigurationValue {
        switch content {
        case .null: .null
        case .boolean(let value): .boolean(value)
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .string(let value): .string(value)
        case .list(let nodes): .list(nodes.map(\.value))
        case .map(let entries): .map(entries.map { ConfigurationValue.Entry($0.key, $0.value.value) })
        }
    }

    /// The node under `key`, where this is a map that has it.
    public subscript(key: String) -> ConfigurationNode? {
        guard case .map(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// `FILE:LINE:COL` where known, else the dotted path.
    public var place: String {
        location.map(\.description) ?? (path.isEmpty ? "configuration" : path)
    }

    /// What the value is, for messages: `the number 3`, `a list`.
    public var kindDescription: String {
        switch content {
        case .null: "nothing"
        case .boolean(let value): "\(value)"
        case .integer(let value): "the number \(value)"
        case .number(let value): "the number \(value)"
        case .string(let value): "the text \"\(value)\""
        case .list: "a list"
        case .map: "a map"
        }
    }

    /// The entries of a map; anything else is an error that says what was expected.
    public func entries(expected: String = "a map of settings") throws -> [Entry] {
        guard case .map(let entries) = content else { throw mismatch(expected: expected) }
        return entries
    }

    /// The items of a list; anything else is an error that says what was expected.
    public func items(expected: String = "a list") throws -> [ConfigurationNode] {
        guard case .list(let items) = content else {
            let key = path.split(separator: ".").last.map { "\($0): " } ?? ""
            switch content {
            case .string(let text): throw mismatch(expected: expected, fix: "\(key)[\(text)]")
            case .map: throw mismatch(expected: expected, fix: "\(key)[{…}], or a - before each entry")
            default: throw mismatch(expected: expected)
            }
        }
        return items
    }

    /// The error for a value of the wrong kind.
    public func mismatch(expected: String, fix: String? = nil) -> EspalierError {
        let name = path.isEmpty ? "" : "\(path) is "
        return EspalierError("\(name)\(kindDescription)", at: place, expected: expected, fix: fix)
    }
}
