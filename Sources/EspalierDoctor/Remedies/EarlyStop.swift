import EspalierSpec
import EspalierTraining

/// `earlyStopping`: the training ends once the validation loss no longer falls.
///
/// Source: Prechelt 1998, "Early stopping, but when?".
public struct EarlyStop: Remedy {
    public var patience = 10

    public static let name = "earlyStopping"
    public static let summary = "An end of the training once the validation loss no longer falls"
    public static let fields = [
        Field("patience", \Self.patience, "validations without a better one before the end", in: 1...)
    ]

    public init() {}

    public init(patience: Int) { self.patience = patience }

    public var why: String { "what is learned after the best epoch is the training samples alone" }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        guard !experiment.callbacks.contains(where: { $0 is EarlyStopping }) else { return nil }
        var changed = experiment
        changed.callbacks.append(EarlyStopping(patience: patience))
        return changed
    }
}
