import EspalierNN
import EspalierSpec

/// How the weights that are evaluated and kept follow from those that are trained: `averaging:` in a configuration.
///
///     averaging: {ema: {decay: 0.999}}
///     averaging: {swa: {start: 20}}
///
/// With an average, validation, the choice of the best epoch, `best.safetensors` and what the model has after the training
/// are the average's; the training itself goes on with its own weights.
public enum Averaging: Sendable, Hashable {
    case none
    case ema(ExponentialAverage)
    case swa(StochasticWeightAverage)

    /// The average that changes with every step, if it is one.
    public var exponential: ExponentialAverage? { if case .ema(let average) = self { average } else { nil } }

    /// The average that changes with epochs, if it is one.
    public var stochastic: StochasticWeightAverage? { if case .swa(let average) = self { average } else { nil } }

    /// The kinds of averages by name.
    public static var registry: Registry<Averaging> {
        var registry = Registry<Averaging>(kind: "average")
        registry.register(ExponentialAverage.self) { .ema($0) }
        registry.register(StochasticWeightAverage.self) { .swa($0) }
        return registry
    }
}

extension Averaging: ConfigurationRepresentable {
    public static var accepted: String { "ema, swa, or {name: {settings}}, or null" }

    public init(configuration node: ConfigurationNode) throws {
        self = node.content == .null ? .none : try Self.registry.read(node)
    }

    public var configuration: ConfigurationValue {
        switch self {
        case .none: .null
        case .ema(let average): average.named
        case .swa(let average): average.named
        }
    }
}
