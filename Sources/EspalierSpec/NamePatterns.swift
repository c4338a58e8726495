/// Patterns for dotted names such as `0.body.1.weight`: what a list of parameters is chosen by.
///
/// In a pattern `*` stands for any characters, dots included, and `?` for one. A pattern also covers all that lies below
/// the name it spells: `0.body` covers `0.body.1.weight`.
public struct NamePatterns: ConfigurationRepresentable, Hashable {
    public static var accepted: String { "a pattern such as \"0.*\", or a list of them" }

    /// Each as it was written.
    public let patterns: [String]

    public init(_ patterns: [String]) { self.patterns = patterns }

    public init(configuration node: ConfigurationNode) throws {
        switch node.content {
        case .list(let items) where !items.isEmpty: patterns = try items.map(String.init(configuration:))
        case .string, .integer: patterns = [try String(configuration: node)]
        // YAML reads a layer's path within another, 1.2, as a number.
        case .number(let number): patterns = [String(number)]
        default: throw node.mismatch(expected: Self.accepted)
        }
    }

    public var configuration: ConfigurationValue {
        patterns.count == 1 ? .string(patterns[0]) : .list(patterns.map { .string($0) })
    }

    /// Whether one of the patterns covers `name`.
    public func cover(_ name: String) -> Bool {
        patterns.contains { matches($0[...], name[...]) || matches(($0 + ".*")[...], name[...]) }
    }

    private func matches(_ pattern: Substring, _ name: Substring) -> Bool {
        // The shortest text for the last `*` seen, lengthened by one character at every mismatch.
        var pattern = pattern, name = name
        var retry: (pattern: Substring, name: Substring)?
        while let character = name.first {
            if pattern.first == "*" {
                pattern = pattern.dropFirst()
                retry = (pattern, name)
            } else if let wanted = pattern.first, wanted == character || wanted == "?" {
                pattern = pattern.dropFirst()
                name = name.dropFirst()
            } else if let last = retry {
                retry = (last.pattern, last.name.dropFirst())
                (pattern, name) = (last.pattern, last.name.dropFirst())
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == "*" }
    }
}

extension NamePatterns: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, CustomStringConvertible {
    public init(stringLiteral value: String) { self.init([value]) }
    public init(arrayLiteral elements: String...) { self.init(elements) }

    public var description: String { patterns.joined(separator: ", ") }
}
