import EspalierSpec

/// The strength of a penalty lambda sum |w|, and how it is applied.
///
/// In a configuration a number, or `{strength: 1e-4, proximal: true}`.
public struct L1Penalty: ConfigurationRepresentable, Hashable {
    /// lambda.
    public var strength: Double
    /// Whether weights are drawn to zero after each step instead of by its gradient: only so they become exactly zero.
    public var isProximal: Bool

    public init(_ strength: Double = 0, proximal: Bool = false) {
        self.strength = strength
        isProximal = proximal
    }

    public static let accepted = "a number of at least 0, or {strength: that number, proximal: true}"

    private struct Settings: Specification {
        var strength = 0.0
        var proximal = false

        static let name = "l1"
        static let summary = "Penalty on the sum of |w|"
        static let fields = [
            Field("strength", \Self.strength, "factor of sum |w|", required: true, in: 0...),
            Field("proximal", \Self.proximal, "whether weights reach exact zeros"),
        ]
    }

    public init(configuration node: ConfigurationNode) throws {
        if case .map = node.content {
            let settings = try Settings(configuration: node)
            self.init(settings.strength, proximal: settings.proximal)
            return
        }
        guard let strength = try? Double(configuration: node), strength >= 0 else {
            throw node.mismatch(expected: Self.accepted, fix: "l1: 1e-4, or l1: {strength: 1e-4, proximal: true}")
        }
        self.init(strength)
    }

    public var configuration: ConfigurationValue {
        isProximal ? ["strength": .number(strength), "proximal": true] : .number(strength)
    }
}

extension L1Penalty: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    public init(floatLiteral value: Double) { self.init(value) }
    public init(integerLiteral value: Int) { self.init(Double(value)) }
}
