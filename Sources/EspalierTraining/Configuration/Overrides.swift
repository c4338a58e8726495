import EspalierSpec

/// One `--set key.path=value` of the command line.
///
/// The value is YAML. A number in the path names an item of a list, counted from zero: `model.2.dropout.p=0.5`.
public struct Override: Sendable, Hashable {
    /// The dotted path, as it was written.
    public let path: String
    public let value: ConfigurationNode

    private var keys: [Substring] { path.split(separator: ".", omittingEmptySubsequences: false) }
    private let location: SourceLocation

    /// Reads `key.path=value`; an empty value stands for nothing (`null`).
    public init(_ argument: String) throws {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts.first.map { $0.trimming(while: \.isWhitespace) } ?? ""
        guard parts.count == 2, !path.split(separator: ".", omittingEmptySubsequences: false).contains("") else {
            throw EspalierError(
                "\"\(argument)\" sets nothing", at: "--set", expected: "key.path=value",
                fix: "--set training.epochs=10")
        }
        self.path = path
        let isEmpty = parts[1].allSatisfy(\.isWhitespace)
        var value = try YAML.parse(isEmpty ? "null" : String(parts[1]), file: "--set \(path)", path: path)
        location = SourceLocation(file: "--set \(path)", line: 0, column: 0)
        value.location = location
        self.value = value
    }

    /// A value that a program puts at a path, such as one out of a range that is searched.
    ///
    /// - Parameter location: What errors are to name.
    package init(_ path: String, _ value: ConfigurationValue, location: SourceLocation) {
        self.path = path
        self.location = location
        self.value = ConfigurationNode(value, path: path).placed(at: location)
    }

    /// The configuration with this value put in; maps that are missing on the way are made.
    ///
    /// - Throws: `EspalierError` where the path leads through a value that holds no others, or past a list's end.
    public func applied(to root: ConfigurationNode) throws -> ConfigurationNode {
        try replace(in: root, below: 0)
    }

    /// The node with the value put in at the keys from number `depth` on.
    private func replace(in node: ConfigurationNode, below depth: Int) throws -> ConfigurationNode {
        guard depth < keys.count else { return value }
        let key = String(keys[depth])
        var node = node
        switch node.content {
        case .map(var entries):
            if let index = entries.firstIndex(where: { $0.key == key }) {
                entries[index].value = try replace(in: entries[index].value, below: depth + 1)
            } else {
                entries.append(try newEntry(key, depth: depth))
            }
            node.content = .map(entries)
        case .list(var items):
            guard let index = Int(key), items.indices.contains(index) else {
                throw EspalierError(
                    "\(key) is no item of \(name(depth)), which has \(items.count)", at: location.description,
                    expected: items.isEmpty ? "another path" : "a number from 0 to \(items.count - 1)",
                    fix: "give the whole list: --set '\(name(depth))=[…]'")
            }
            items[index] = try replace(in: items[index], below: depth + 1)
            node.content = .list(items)
        case .null:
            node.content = .map([try newEntry(key, depth: depth)])
        case .string(key):
            // A bare name such as `adam` is the part with all its defaults, so it can take settings.
            node.content = .map([try newEntry(key, depth: depth)])
        default:
            let written = node.location.map { " (\($0))" } ?? ""
            throw EspalierError(
                "\(name(depth)) is \(node.kindDescription)\(written), which holds no \"\(key)\"",
                at: location.description, expected: "a path through maps and lists",
                fix: "replace it: --set '\(name(depth))={\(key): …}'")
        }
        return node
    }

    private func newEntry(_ key: String, depth: Int) throws -> ConfigurationNode.Entry {
        let missing = ConfigurationNode(.null, location: location, path: name(depth + 1))
        return .init(key: key, keyLocation: location, value: try replace(in: missing, below: depth + 1))
    }

    private func name(_ depth: Int) -> String { keys[..<depth].joined(separator: ".") }
}

extension ConfigurationNode {
    /// The configuration with each of the command line's `--set` put in, the last one winning.
    public func applying(overrides arguments: [String]) throws -> ConfigurationNode {
        try arguments.reduce(self) { try Override($1).applied(to: $0) }
    }
}

extension ConfigurationNode {
    /// The same with one place for all that is in it.
    fileprivate func placed(at location: SourceLocation) -> ConfigurationNode {
        var copy = self
        copy.location = location
        switch content {
        case .list(let items): copy.content = .list(items.map { $0.placed(at: location) })
        case .map(let entries):
            copy.content = .map(
                entries.map { .init(key: $0.key, keyLocation: location, value: $0.value.placed(at: location)) })
        default: break
        }
        return copy
    }
}

extension Substring {
    fileprivate func trimming(while isTrimmed: (Character) -> Bool) -> String {
        let start = drop(while: isTrimmed)
        return String(start.reversed().drop(while: isTrimmed).reversed())
    }
}
