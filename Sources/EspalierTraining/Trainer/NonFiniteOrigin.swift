/// Where a number that is not finite comes from.
public struct NonFiniteOrigin: Sendable, Hashable {
    /// What it is.
    public enum Source: String, Sendable {
        /// Of the data, before the model has seen it.
        case sample, target
        /// Of the model, before the step: a step that would make it so is not taken.
        case parameter, statistics
        /// A result, all operands of which are finite.
        case layer, loss, gradient
        /// What the optimiser makes of finite numbers.
        case update
    }

    public var source: Source
    /// A row of the data, or the dotted path of a layer or parameter; that of nothing else is its name.
    public var location: String
    /// In words, with the operation.
    public var description: String

    init(_ source: Source, at location: String, _ description: String) {
        self.source = source
        self.location = location
        self.description = description
    }
}
