import EspalierNN
import EspalierSpec
import EspalierTraining

/// `matchingInitialization`: weights are drawn so that values keep their size through the activation that follows.
public struct MatchingInitialization: Remedy {
    /// For every layer; nothing for each the one that its activation asks for.
    public var initializer: InitializerChoice?

    public static let name = "matchingInitialization"
    public static let summary = "Draws weights by what matches the activation that follows, or by one initializer"
    public static let fields = [
        Field("initializer", \Self.initializer, "of all weights; null takes what matches each layer's activation")
    ]

    public init() {}

    public init(_ initializer: any Initializer) { self.initializer = InitializerChoice(initializer) }

    public var why: String {
        "weights whose size matches the activation and the number of inputs keep values and gradients of about one size "
            + "through all layers"
    }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        guard let model = experiment.model else { return nil }
        var changed = experiment
        changed.initializer = initializer?.initializer
        changed.model = model.mapped { $0.resized { $0.drawn = nil } }
        return changed == experiment ? nil : changed
    }

    public var alternatives: [Self] {
        [Self(), Self(HeNormal()), Self(XavierNormal()), Self(LeCunNormal())].filter { $0 != self }
    }
}
