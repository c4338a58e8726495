/// A type that can be read from a configuration and written back to one.
public protocol ConfigurationRepresentable: Sendable {
    init(configuration node: ConfigurationNode) throws
    var configuration: ConfigurationValue { get }
}

extension Bool: ConfigurationRepresentable {
    public init(configuration node: ConfigurationNode) throws {
        guard case .boolean(let value) = node.content else { throw node.mismatch(expected: "true or false") }
        self = value
    }
    public var configuration: ConfigurationValue { .boolean(self) }
}

extension Int: ConfigurationRepresentable {
    public init(configuration node: ConfigurationNode) throws {
        switch node.content {
        case .integer(let value): self = value
        case .number(let value) where value == value.rounded() && abs(value) < 9e15: self = Int(value)
        default: throw node.mismatch(expected: "a whole number")
        }
    }
    public var configuration: ConfigurationValue { .integer(self) }
}

extension Double: ConfigurationRepresentable {
    public init(configuration node: ConfigurationNode) throws {
        switch node.content {
        case .integer(let value): self = Double(value)
        case .number(let value) where value.isFinite: self = value
        case .number: throw node.mismatch(expected: "a finite number")
        default: throw node.mismatch(expected: "a number")
        }
    }
    public var configuration: ConfigurationValue { .number(self) }
}

extension String: ConfigurationRepresentable {
    public init(configuration node: ConfigurationNode) throws {
        switch node.content {
        case .string(let value): self = value
        case .integer(let value): self = String(value)
        default: throw node.mismatch(expected: "a text")
        }
    }
    public var configuration: ConfigurationValue { .string(self) }
}

extension Optional: ConfigurationRepresentable where Wrapped: ConfigurationRepresentable {
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
    public init(configuration node: ConfigurationNode) throws {
        self = try node.items().map(Element.init(configuration:))
    }
    public var configuration: ConfigurationValue { .list(map(\.configuration)) }
}

extension ConfigurationRepresentable where Self: RawRepresentable & CaseIterable, RawValue == String {
    public init(configuration node: ConfigurationNode) throws {
        let names = Self.allCases.map(\.rawValue)
        guard case .string(let name) = node.content else {
            throw node.mismatch(expected: "one of \(names.joined(separator: ", "))")
        }
        guard let value = Self(rawValue: name) else {
            throw unknown("value", name, among: names, at: node.place)
        }
        self = value
    }
    public var configuration: ConfigurationValue { .string(rawValue) }
}
