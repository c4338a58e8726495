import EspalierSpec
import Foundation

/// A number that an experiment of the lab measured, beside what it should be.
public struct LabMeasurement: Sendable, Hashable {
    /// What was measured, in a few words: "loss at 1900, He".
    public var name: String
    /// The mean, where there is a value for each seed.
    public var measured: Double
    /// One for each seed; none where it was measured once.
    public var values: [Double]
    /// What another stream of random numbers must meet, in the mean; nothing where no book and no formula states it.
    public var expected: ClosedRange<Double>?

    public init(_ name: String, _ measured: Double, expected: ClosedRange<Double>? = nil) {
        self.name = name
        self.measured = measured
        self.expected = expected
        values = []
    }

    /// The mean over seeds, of which there is at least one.
    public init(_ name: String, over values: [Double], expected: ClosedRange<Double>? = nil) {
        self.init(name, values.reduce(0, +) / Double(max(values.count, 1)), expected: expected)
        self.values = values
    }

    /// Whether it is as expected; nothing where nothing is expected.
    public var isInside: Bool? { expected.map { $0.contains(measured) } }
}

extension ClosedRange<Double> {
    /// A share that a book prints of so many samples, with three of its standard errors to both sides.
    ///
    /// One training's result on other samples would lie there, whatever else is random in it.
    static func printed(_ share: Double, of samples: Int) -> Self {
        let error = (share * (1 - share) / Double(samples)).squareRoot()
        return share - 3 * error...share + 3 * error
    }

    /// From the least to the largest that a book's program printed, to so many decimals: what was rounded away belongs to it.
    static func printed(_ range: Self, decimals: Int) -> Self {
        let half = pow(10, -Double(decimals)) / 2
        return range.lowerBound - half...range.upperBound + half
    }

    /// The value and a share of it to both sides.
    static func about(_ value: Double, within share: Double) -> Self {
        value - abs(value) * share...value + abs(value) * share
    }
}

extension LabMeasurement {
    public var configuration: ConfigurationValue {
        .map([
            .init("name", .string(name)), .init("measured", .number(measured)),
            .init("values", .list(values.map { .number($0) })),
            .init("expected", expected.map { .list([.number($0.lowerBound), .number($0.upperBound)]) } ?? .null),
        ])
    }
}
