/// A type that can be read from a configuration and written back to one.
public protocol ConfigurationRepresentable: Sendable {
    init(configuration node: ConfigurationNode) throws
    var configuration: ConfigurationValue { get }
    /// Which values are accepted, in words; empty where that is not said.
    static var accepted: String { get }
}

extension ConfigurationRepresentable {
    public static var accepted: String { "" }
}

extension Bool: ConfigurationRepresentable {
    public static var accepted: String { "true or false" }
    public init(configuration node: ConfigurationNode) throws {
        guard case .boolean(let value) = node.content else { throw node.mismatch(expected: Self.accepted) }
        self = value
    }
    public var configuration: ConfigurationValue { .boolean(self) }
}

extension Int: ConfigurationRepresentable {
    public static var accepted: String { "a whole number" }
    public init(configuration node: ConfigurationNode) throws {
        switch node.content {
        case .integer(let value): self = value
        case .number(let value) where value == value.rounded() && abs(value) < 9e15: self = Int(value)
        default: throw node.mismatch(expected: Self.accepted)
        }
    }
    public var configuration: ConfigurationValue { .integer(self) }
}

extension Double: ConfigurationRepresentable {
    public static var accepted: String { "a number" }
    public init(configuration node: ConfigurationNode) throws {
        switch node.content {
        case .integer(let value): self = Double(value)
        case .number(let value) where value.isFinite: self = value
        case .number: throw node.mismatch(expected: "a finite number")
        default: throw node.mismatch(expected: Self.accepted)
        }
    }
    public var configuration: ConfigurationValue { .number(self) }
}

extension String: ConfigurationRepresentable {
    public static var accepted: String { "a text" }
    public init(configuration node: ConfigurationNode) throws {
        switch node.content {
        case .string(let value): self = value
        case .integer(let value): self = String(value)
        default: throw node.mismatch(expected: Self.accepted)
        }
    }
    public var configuration: ConfigurationValue { .string(self) }
}

extension Optional: ConfigurationRepresentable where Wrapped: ConfigurationRepresentable {
    public static var accepted: String { Wrapped.accepted.isEmpty ? "" : "\(Wrapped.accepted), or null" }
    public init(configuration node: ConfigurationNode) throws {
        if case .null = node.content {
            self = nil
        } else {
            self = .some(try Wrapped(configuration: node))
        }
    }
    public var configuration: ConfigurationValue { self?.configuration ?? .null }
}

extension Array: ConfigurationRepresentable where Element: ConfigurationRepresentable {
    public static var accepted: String { Element.accepted.isEmpty ? "a list" : "a list, each \(Element.accepted)" }
    public init(configuration node: ConfigurationNode) throws {
        self = try node.items().map(Element.init(configuration:))
    }
    public var configuration: ConfigurationValue { .list(map(\.configuration)) }
}

extension ConfigurationRepresentable where Self: RawRepresentable & CaseIterable, RawValue == String {
    public static var accepted: String { "one of \(allCases.map(\.rawValue).joined(separator: ", "))" }
    public init(configuration node: ConfigurationNode) throws {
        let names = Self.allCases.map(\.rawValue)
        guard case .string(let name) = node.content else {
            throw node.mismatch(expected: Self.accepted)
        }
        guard let value = Self(rawValue: name) else {
            throw unknown("value", name, among: names, at: node.place)
        }
        self = value
    }
    public var configuration: ConfigurationValue { .string(rawValue) }
}
