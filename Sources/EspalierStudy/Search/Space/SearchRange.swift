import EspalierSpec
import Foundation

/// The values that a search may give one setting.
///
/// Samplers see a *coordinate* of each: a number in [0, 1) over which values are spread evenly, on a logarithmic scale where
/// the range has one; of a choice, the number of the value.
public enum SearchRange: Sendable, Hashable {
    case uniform(Double, Double)
    /// Evenly spread in their logarithm, for rates and whatever else is told apart by factors.
    case logUniform(Double, Double)
    case integer(Int, Int)
    /// Whole numbers, evenly spread in their logarithm.
    case logInteger(Int, Int)
    case choice([ConfigurationValue])

    static let kinds = ["uniform", "logUniform", "integer", "logInteger", "choice"]

    var kind: String {
        switch self {
        case .uniform: "uniform"
        case .logUniform: "logUniform"
        case .integer: "integer"
        case .logInteger: "logInteger"
        case .choice: "choice"
        }
    }

    /// How many values a choice has; nothing for numbers.
    var categories: Int? { if case .choice(let values) = self { values.count } else { nil } }

    /// The values that are tried before a search: both ends, or all of a choice.
    var ends: [ConfigurationValue] {
        switch self {
        case .uniform(let low, let high), .logUniform(let low, let high): [.number(low), .number(high)]
        case .integer(let low, let high), .logInteger(let low, let high): [.integer(low), .integer(high)]
        case .choice(let values): values
        }
    }

    /// The value at a coordinate.
    func value(at coordinate: Double) -> ConfigurationValue {
        let (low, high) = scale
        let place = low + min(max(coordinate, 0), 1) * (high - low)
        switch self {
        case .uniform(let low, let high): return .number(within(low, high, place, coordinate))
        case .logUniform(let low, let high): return .number(within(low, high, exp(place), coordinate))
        case .integer(let low, let high): return .integer(min(max(Int(place.rounded()), low), high))
        case .logInteger(let low, let high): return .integer(min(max(Int(exp(place).rounded()), low), high))
        case .choice(let values): return values[min(max(Int(coordinate), 0), values.count - 1)]
        }
    }

    /// The ends themselves at the ends, whatever a logarithm and its inverse round to.
    private func within(_ low: Double, _ high: Double, _ value: Double, _ coordinate: Double) -> Double {
        coordinate <= 0 ? low : coordinate >= 1 ? high : min(max(value, low), high)
    }

    /// The coordinates of all numbers that become the same whole number; nothing for numbers that need not be whole.
    func bin(around coordinate: Double) -> ClosedRange<Double>? {
        guard case .integer(let value) = value(at: coordinate), categories == nil else { return nil }
        let (low, high) = scale
        func place(of border: Double) -> Double {
            let place: Double = isLogarithmic ? log(border) : border
            return min(max((place - low) / (high - low), 0), 1)
        }
        return place(of: Double(value) - 0.5)...place(of: Double(value) + 0.5)
    }

    /// The middle of the coordinates that give the same value.
    func centered(_ coordinate: Double) -> Double {
        categories == nil
            ? bin(around: coordinate).map { ($0.lowerBound + $0.upperBound) / 2 } ?? coordinate : coordinate
    }

    private var isLogarithmic: Bool {
        switch self {
        case .logUniform, .logInteger: true
        default: false
        }
    }

    /// The numbers that the coordinates 0 and 1 stand for, or their logarithms; half a unit beyond the outermost whole ones.
    private var scale: (Double, Double) {
        switch self {
        case .uniform(let low, let high): (low, high)
        case .logUniform(let low, let high): (log(low), log(high))
        case .integer(let low, let high): (Double(low) - 0.5, Double(high) + 0.5)
        case .logInteger(let low, let high): (log(Double(low) - 0.5), log(Double(high) + 0.5))
        case .choice(let values): (0, Double(values.count))
        }
    }
}

extension SearchRange: ConfigurationRepresentable {
    public static var accepted: String {
        "{uniform: [low, high]}, {logUniform: [low, high]}, {integer: [low, high]}, {logInteger: [low, high]} or {choice: [values]}"
    }

    public init(configuration node: ConfigurationNode) throws {
        let fix = "{logUniform: [0.0001, 0.1]}, or {choice: [16, 32]}"
        guard case .map(let entries) = node.content, entries.count == 1 else {
            throw node.mismatch(expected: "one of \(Self.accepted)", fix: fix)
        }
        let (kind, values) = (entries[0].key, entries[0].value)
        switch kind {
        case "uniform", "logUniform":
            let (low, high) = try Self.pair(of: Double.self, in: values, kind, above: kind == "uniform" ? nil : 0)
            guard (high - low).isFinite else {
                throw EspalierError("\(kind) is too wide", at: values.place, expected: "ends that a number apart")
            }
            self = kind == "uniform" ? .uniform(low, high) : .logUniform(low, high)
        case "integer", "logInteger":
            let (low, high) = try Self.pair(of: Int.self, in: values, kind, above: kind == "integer" ? nil : 0)
            guard max(abs(Double(low)), abs(Double(high))) < 0x1p52 else {
                throw EspalierError("\(kind) has an end out of range", at: values.place, expected: "ends within +-2^52")
            }
            self = kind == "integer" ? .integer(low, high) : .logInteger(low, high)
        case "choice":
            let items = try values.items(expected: "a list of the values to choose from")
            guard items.count >= 2 else {
                throw EspalierError(
                    "choice has \(items.count == 1 ? "one value" : "no values")", at: values.place,
                    expected: "two values or more", fix: "choice: [16, 32, 64]")
            }
            for (index, item) in items.enumerated() where items[..<index].contains(where: { $0.value == item.value }) {
                throw EspalierError("choice has a value twice", at: item.place, expected: "each value once")
            }
            self = .choice(items.map(\.value))
        default:
            throw unknown(
                "kind of range", kind, among: Self.kinds, at: entries[0].keyLocation?.description ?? node.place)
        }
    }

    private static func pair<Number: ConfigurationRepresentable & Comparable>(
        of type: Number.Type, in node: ConfigurationNode, _ kind: String, above bound: Number?
    ) throws -> (Number, Number) {
        let items = try node.items(expected: "[low, high]")
        guard items.count == 2 else {
            throw EspalierError(
                "\(kind) has \(items.count) ends", at: node.place, expected: "two, [low, high]",
                fix: items.count > 2 ? "{choice: […]} for single values" : nil)
        }
        let (low, high) = (try Number(configuration: items[0]), try Number(configuration: items[1]))
        guard low < high else {
            throw EspalierError(
                "\(kind) goes from \(low) to \(high)", at: node.place, expected: "the lower end first, and a higher one"
            )
        }
        if let bound, low <= bound {
            throw items[0].mismatch(expected: "a number above \(bound), since logarithms are taken")
        }
        return (low, high)
    }

    public var configuration: ConfigurationValue {
        let content: ConfigurationValue =
            switch self {
            case .uniform(let low, let high), .logUniform(let low, let high): [.number(low), .number(high)]
            case .integer(let low, let high), .logInteger(let low, let high): [.integer(low), .integer(high)]
            case .choice(let values): .list(values)
            }
        return .map([.init(kind, content)])
    }
}
