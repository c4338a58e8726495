import EspalierSpec

/// Columns of a CSV file by name: `price`, or `[price, area]`.
public struct CSVColumns: ConfigurationRepresentable, Hashable {
    /// At least one, in their order.
    public let names: [String]

    public static let accepted = "the name of a column, or a list of names"

    public init(configuration node: ConfigurationNode) throws {
        switch node.content {
        case .list(let items) where !items.isEmpty: names = try items.map(String.init(configuration:))
        case .string, .integer: names = [try String(configuration: node)]
        default: throw node.mismatch(expected: Self.accepted)
        }
    }

    public var configuration: ConfigurationValue {
        names.count == 1 ? .string(names[0]) : .list(names.map { .string($0) })
    }
}

extension CSVColumns: ExpressibleByStringInterpolation, ExpressibleByArrayLiteral {
    public init(stringLiteral name: String) { names = [name] }

    public init(arrayLiteral names: String...) {
        precondition(!names.isEmpty, "columns: at least one name")
        self.names = names
    }
}
