import EspalierSpec

/// How large a part of a split is: a share of the rows, a number of rows, or no part at all.
public enum SplitSize: Hashable, Sendable, ConfigurationRepresentable {
    /// A share of all rows, above 0 and at most 1.
    case share(Double)
    /// A number of rows, at least 1.
    case count(Int)
    case none

    /// Reads `none`, a whole number (of rows), or a number with a decimal point (a share); zero is `none`.
    public init(configuration node: ConfigurationNode) throws {
        switch node.content {
        case .string("none"), .null, .integer(0), .number(0): self = .none
        case .integer(let count): self = .count(count)
        case .number(let share): self = .share(share)
        default: throw node.mismatch(expected: Self.accepted, fix: Self.fix)
        }
        do {
            try validate()
        } catch {
            throw node.mismatch(expected: Self.accepted, fix: Self.fix)
        }
    }

    public static let accepted = "a share from 0.0 to 1.0, a number of rows, or none"
    private static let fix = "0.15 is 15% of the rows, 150 is 150 rows"

    func validate() throws {
        switch self {
        case .none: return
        case .share(let share) where share > 0 && share <= 1: return
        case .count(let count) where count > 0: return
        default: throw EspalierError("a part of the split is \(self)", expected: Self.accepted, fix: Self.fix)
        }
    }

    /// How many of `count` rows this is, before rounding.
    func quota(of count: Int) -> Double {
        switch self {
        case .none: 0
        case .share(let share): share * Double(count)
        case .count(let rows): Double(rows)
        }
    }

    public var configuration: ConfigurationValue {
        switch self {
        case .share(let share): .number(share)
        case .count(let count): .integer(count)
        case .none: .string("none")
        }
    }
}
