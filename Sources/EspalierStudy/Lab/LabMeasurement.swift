import EspalierSpec

/// A number that an experiment of the lab measured, beside what it should be.
public struct LabMeasurement: Sendable, Hashable {
    /// What was measured, in a few words: "loss at 1900, He".
    public var name: String
    public var measured: Double
    /// What another stream of random numbers must meet; nothing where no book and no formula states it.
    public var expected: ClosedRange<Double>?

    public init(_ name: String, _ measured: Double, expected: ClosedRange<Double>? = nil) {
        self.name = name
        self.measured = measured
        self.expected = expected
    }

    /// Whether it is as expected; nothing where nothing is expected.
    public var isInside: Bool? { expected.map { $0.contains(measured) } }
}

extension LabMeasurement {
    public var configuration: ConfigurationValue {
        .map([
            .init("name", .string(name)), .init("measured", .number(measured)),
            .init("expected", expected.map { .list([.number($0.lowerBound), .number($0.upperBound)]) } ?? .null),
        ])
    }
}
