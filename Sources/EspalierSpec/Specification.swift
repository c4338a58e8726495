/// A part of a training that describes itself: its name, what it does, and its settings.
///
/// A specification is a plain value. What a configuration file, a checkpoint, `espalier list`, the search and the
/// doctor know of a layer or an optimiser comes from here, and is written once: `fields` reads, writes, checks and
/// documents every setting.
///
/// ```swift
/// struct DropoutSpecification: Specification {
///     var p = 0.5
///     static let name = "dropout"
///     static let summary = "Zeroes each unit with probability p while training"
///     static let fields = [Field("p", \Self.p, "share of the units dropped", in: 0..<1)]
/// }
/// ```
public protocol Specification: Codable, Hashable, ConfigurationRepresentable {
    /// The specification with every default.
    init()
    /// The name in a configuration.
    static var name: String { get }
    /// One line for `espalier list`.
    static var summary: String { get }
    /// The settings, in the order in which they are listed.
    static var fields: [Field<Self>] { get }
    /// Checks that span several settings; the default accepts everything.
    func validate() throws
}

extension Specification {
    public func validate() throws {}

    /// Reads the settings from a map; nothing stands for every default.
    ///
    /// An unknown key is an error.
    public init(configuration node: ConfigurationNode) throws {
        self.init()
        var missing = Self.fields.filter(\.isRequired).map(\.name)
        if node.content != .null {
            guard case .map(let entries) = node.content else {
                throw node.mismatch(
                    expected: "the settings of \(Self.name) as a map",
                    fix: Self.fields.first.map { "\(Self.name): {\($0.name): …}" } ?? "\(Self.name) alone")
            }
            for entry in entries {
                guard let field = Self.fields.first(where: { $0.name == entry.key }) else {
                    throw unknown(
                        "key", entry.key, among: Self.fields.map(\.name),
                        at: entry.keyLocation?.description ?? entry.value.place)
                }
                try field.read(entry.value, &self)
                missing.removeAll { $0 == entry.key }
            }
        }
        if let first = missing.first {
            throw EspalierError(
                "\(Self.name) needs \(first)", at: node.place,
                expected: Self.fields.first { $0.name == first }?.summary, fix: "\(Self.name): {\(first): …}")
        }
        do {
            try validate()
        } catch let error as EspalierError {
            throw error.located(at: node.place)
        }
    }

    /// Every setting with its value, defaults included.
    public var configuration: ConfigurationValue {
        .map(Self.fields.map { ConfigurationValue.Entry($0.name, $0.write(self)) })
    }

    public init(from decoder: any Decoder) throws {
        try self.init(configuration: ConfigurationNode(ConfigurationValue(from: decoder)))
    }

    public func encode(to encoder: any Encoder) throws {
        try configuration.encode(to: encoder)
    }
}

/// One setting of a specification.
public struct Field<Owner>: Sendable {
    public var name: String
    public var summary: String
    /// Which values are accepted, in words.
    public var accepted: String
    public var isRequired: Bool
    public var read: @Sendable (ConfigurationNode, inout Owner) throws -> Void
    public var write: @Sendable (Owner) -> ConfigurationValue

    /// A setting of any type, checked by `check`.
    public init<Value: ConfigurationRepresentable>(
        _ name: String, _ path: WritableKeyPath<Owner, Value> & Sendable, _ summary: String, required: Bool = false,
        accepting accepted: String = "", where check: (@Sendable (Value) -> Bool)? = nil
    ) {
        self.name = name
        self.summary = summary
        self.accepted = accepted.isEmpty ? Value.accepted : accepted
        self.isRequired = required
        self.read = { node, owner in
            let value = try Value(configuration: node)
            if let check, !check(value) { throw node.mismatch(expected: accepted) }
            owner[keyPath: path] = value
        }
        self.write = { $0[keyPath: path].configuration }
    }

    /// A number within a range.
    public init<Value: ConfigurationRepresentable & Comparable, Bounds: RangeExpression & Sendable>(
        _ name: String, _ path: WritableKeyPath<Owner, Value> & Sendable, _ summary: String, required: Bool = false,
        in range: Bounds
    ) where Bounds.Bound == Value {
        self.init(
            name, path, summary, required: required, accepting: Self.words(range), where: { range.contains($0) })
    }

    /// A number within a range, or nothing.
    public init<Value: ConfigurationRepresentable & Comparable, Bounds: RangeExpression & Sendable>(
        _ name: String, _ path: WritableKeyPath<Owner, Value?> & Sendable, _ summary: String, in range: Bounds
    ) where Bounds.Bound == Value {
        self.init(
            name, path, summary, accepting: "\(Self.words(range)), or null",
            where: { $0.map(range.contains) ?? true })
    }

    private static func words<Bounds: RangeExpression>(_ range: Bounds) -> String {
        switch range {
        case let range as ClosedRange<Double>: "a number from \(range.lowerBound) to \(range.upperBound)"
        case let range as Range<Double>: "a number from \(range.lowerBound) to below \(range.upperBound)"
        case let range as PartialRangeFrom<Double>: "a number of at least \(range.lowerBound)"
        case let range as PartialRangeFrom<Int>: "a whole number of at least \(range.lowerBound)"
        case let range as ClosedRange<Int>: "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case is PositiveNumbers: "a number above 0"
        default: "a value in \(range)"
        }
    }
}

/// Every finite number above zero, as a range.
public struct PositiveNumbers: RangeExpression, Sendable {
    public init() {}
    public func contains(_ element: Double) -> Bool { element > 0 && element.isFinite }
    public func relative<C: Collection>(to collection: C) -> Range<Double> where C.Index == Double {
        preconditionFailure("PositiveNumbers is no range of positions")
    }
}

extension RangeExpression where Self == PositiveNumbers {
    /// Every finite number above zero.
    public static var positive: PositiveNumbers { PositiveNumbers() }
}

extension Specification {
    /// As it stands in a configuration: the name alone where there are no settings, else `{name: {settings}}`.
    public var named: ConfigurationValue {
        Self.fields.isEmpty ? .string(Self.name) : .map([ConfigurationValue.Entry(Self.name, configuration)])
    }
}
