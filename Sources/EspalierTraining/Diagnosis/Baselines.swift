import EspalierSpec

/// What needs no network to reach, on the same data.
///
/// A skill is the share of the way from the best constant answer, 0, to perfection, 1: of classes
/// (accuracy - majority) / (1 - majority), of values R^2.
public struct Baselines: Sendable, Hashable {
    /// The accuracy of always the most frequent class; nothing for values.
    public var majority: Double?
    /// The loss of the best constant answer, for the losses where that is known.
    public var constantLoss: Double?
    /// The skills, on held-out samples, of the 5 nearest neighbours and of a linear model.
    public var nearestNeighbours: Double?
    public var linear: Double?

    public init(
        majority: Double? = nil, constantLoss: Double? = nil, nearestNeighbours: Double? = nil, linear: Double? = nil
    ) {
        self.majority = majority
        self.constantLoss = constantLoss
        self.nearestNeighbours = nearestNeighbours
        self.linear = linear
    }

    /// The skill of the better of the two.
    public var skill: Double? { [nearestNeighbours, linear].compactMap(\.self).max() }
}

// As `events.jsonl` has it.
extension Baselines {
    public var configuration: ConfigurationValue {
        let values = [
            ("majority", majority), ("constantLoss", constantLoss), ("nearestNeighbours", nearestNeighbours),
            ("linear", linear),
        ]
        return .map(values.compactMap { name, value in value.map { .init(name, .number($0)) } })
    }

    /// Reads what `configuration` gives.
    public init(configuration value: ConfigurationValue) {
        self.init(
            majority: value["majority"]?.doubleValue, constantLoss: value["constantLoss"]?.doubleValue,
            nearestNeighbours: value["nearestNeighbours"]?.doubleValue, linear: value["linear"]?.doubleValue)
    }
}
