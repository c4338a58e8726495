import EspalierSpec
import EspalierTraining

/// `weightDecay`: every weight shrinks a little in each step.
///
/// Source: Loshchilov and Hutter 2019, "Decoupled weight decay regularization", whose best decays of a step are of the order
/// of the default under rates of 0.001 and many epochs; the smaller the data, the more.
public struct AddWeightDecay: Remedy {
    public var strength = 0.1

    public static let name = "weightDecay"
    public static let summary = "Weights that shrink a little in each step"
    public static let fields = [
        Field(
            "strength", \Self.strength, "share of a weight, times the learning rate, that a step takes away",
            in: .positive)
    ]

    public init() {}

    public init(strength: Double) { self.strength = strength }

    public var why: String { "small weights make smooth functions, which tell less of single samples" }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        guard experiment.regularization.weightDecay < strength else { return nil }
        var changed = experiment
        changed.regularization.weightDecay = strength
        return changed
    }

    public var alternatives: [Self] { [0.01, 1].filter { $0 != strength }.map(Self.init(strength:)) }
}
