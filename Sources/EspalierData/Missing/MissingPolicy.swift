import EspalierSpec

/// What is done about a value that is missing.
public enum MissingPolicy: ConfigurationRepresentable, Hashable {
    /// It is an error at its row and column.
    case error
    /// Its row is left out.
    case drop
    /// It is filled in from the column's other values in the training rows.
    case fitted(Gap.Fill)
    /// It is this number.
    case number(Double)
    /// It is of this category.
    case category(String)

    public static let accepted = "error, drop, mean, median, mode, a number, or {constant: a category}"

    public init(configuration node: ConfigurationNode) throws {
        switch node.content {
        case .string("error"): self = .error
        case .string("drop"): self = .drop
        case .string(let name):
            guard let fill = Gap.Fill(rawValue: name) else {
                let names = ["error", "drop"] + Gap.Fill.allCases.map(\.rawValue)
                var error = unknown("value", name, among: names, at: node.place)
                error.expected = Self.accepted
                throw error
            }
            self = .fitted(fill)
        case .integer, .number: self = .number(try Double(configuration: node))
        case .map(let entries) where entries.count == 1 && entries[0].key == "constant":
            switch entries[0].value.content {
            case .integer, .number: self = .number(try Double(configuration: entries[0].value))
            default: self = .category(try String(configuration: entries[0].value))
            }
        default: throw node.mismatch(expected: Self.accepted)
        }
    }

    public var configuration: ConfigurationValue {
        switch self {
        case .error: "error"
        case .drop: "drop"
        case .fitted(let fill): .string(fill.rawValue)
        case .number(let value): .number(value)
        case .category(let name): .map([.init("constant", .string(name))])
        }
    }
}
