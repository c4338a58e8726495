import EspalierGraph
import EspalierSpec

/// A penalty on the size of parameters.
///
/// The coupled L2 penalty (l2 / 2) sum w^2 adds l2 w to the gradient before the optimiser sees it, so that it enters
/// the optimiser's moments: under adaptive optimisers this is not weight decay.
public struct WeightPenalty: Specification {
    public var l2 = 0.0
    public var on = Target.weights

    /// Which parameters a penalty falls on.
    public enum Target: String, CaseIterable, ConfigurationRepresentable, Hashable {
        /// Weights alone: biases and the scales of normalisations stay free.
        case weights
        case all

        /// Whether `parameter` is one of them.
        func includes(_ parameter: Parameter.Slot) -> Bool { self == .all || parameter.role == .weight }
    }

    public static let name = "regularization"
    public static let summary = "Penalties on the size of parameters"
    public static let fields = [
        Field("l2", \Self.l2, "strength of the coupled penalty (l2 / 2) sum w^2", in: 0...),
        Field("on", \Self.on, "weights, or all parameters"),
    ]

    public init() {}

    public init(l2: Double = 0, on: Target = .weights) {
        self.l2 = l2
        self.on = on
    }

    /// Whether `parameter` is penalised.
    public func applies(to parameter: Parameter.Slot) -> Bool {
        l2 > 0 && on.includes(parameter)
    }

    /// The gradient of loss and penalty.
    public func gradient(_ gradient: Tensor, of parameter: Tensor) -> Tensor {
        l2 == 0 ? gradient : gradient + l2 * parameter
    }
}
