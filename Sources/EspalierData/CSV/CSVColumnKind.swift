import EspalierSpec

/// What the values of a column are, and so what a sample has of them.
public enum CSVColumnKind: ConfigurationRepresentable, Hashable {
    /// A number, as it is.
    case numeric
    /// A name: for each category a number that is 1 where the value is that one, else 0. Nothing stands for the categories
    /// that the file has, sorted.
    case oneHot([String]?)
    /// A name out of an order, as its position in that: 0, 1, 2 and so on.
    case ordinal([String])
    /// Left out.
    case ignored

    public static let accepted =
        "numeric, oneHot, {oneHot: [its categories]}, {ordinal: [its categories in order]} or ignored"

    public init(configuration node: ConfigurationNode) throws {
        switch node.content {
        case .string("numeric"): self = .numeric
        case .string("oneHot"): self = .oneHot(nil)
        case .string("ignored"): self = .ignored
        case .string("ordinal"):
            throw node.mismatch(expected: "the categories in their order", fix: "{ordinal: [low, middle, high]}")
        case .string(let name):
            throw unknown("value", name, among: ["numeric", "oneHot", "ordinal", "ignored"], at: node.place)
        case .map(let entries) where entries.count == 1 && entries[0].key == "oneHot":
            self = .oneHot(try Self.categories(entries[0].value))
        case .map(let entries) where entries.count == 1 && entries[0].key == "ordinal":
            self = .ordinal(try Self.categories(entries[0].value))
        default: throw node.mismatch(expected: Self.accepted)
        }
    }

    private static func categories(_ node: ConfigurationNode) throws -> [String] {
        let names = try node.items(expected: "a list of categories").map { item in
            switch item.content {
            case .string, .integer: return try String(configuration: item)
            default: throw item.mismatch(expected: "a text", fix: "quotes around it, as it stands in the file")
            }
        }
        guard !names.isEmpty else { throw node.mismatch(expected: "at least one category") }
        if let repeated = firstRepeated(names) {
            throw EspalierError("the category \"\(repeated)\" is listed twice", at: node.place, expected: "each once")
        }
        return names
    }

    public var configuration: ConfigurationValue {
        switch self {
        case .numeric: "numeric"
        case .oneHot(nil): "oneHot"
        case .oneHot(let names?): .map([.init("oneHot", names.configuration)])
        case .ordinal(let names): .map([.init("ordinal", names.configuration)])
        case .ignored: "ignored"
        }
    }
}

/// What is done about a category that is not among those that a column is known to have.
public enum UnknownCategory: String, CaseIterable, ConfigurationRepresentable {
    /// It is an error at its row and column.
    case error
    /// It is none of them: all of the column's numbers are zero.
    case zeros
}
