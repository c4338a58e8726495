import EspalierNN
import EspalierSpec
import EspalierTraining

/// `labelSmoothing`: a share of each target is spread over all classes, so that a wrong label costs less.
///
/// The default is that of Szegedy et al. 2016; that it helps against noisy labels is shown by Lukasik et al. 2020, "Does
/// label smoothing mitigate label noise?".
public struct LabelSmoothing: Remedy {
    public var amount = 0.1

    public static let name = "labelSmoothing"
    public static let summary = "A share of each target is spread over all classes"
    public static let fields = [
        Field("amount", \Self.amount, "the share that is spread", in: 0..<1)
    ]

    public init() {}

    public init(amount: Double) { self.amount = amount }

    public var why: String { "being sure of a label that is wrong costs less, and being sure of any gains less" }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        guard var loss = experiment.loss as? CrossEntropyLoss, loss.labelSmoothing < amount else { return nil }
        loss.labelSmoothing = amount
        var changed = experiment
        changed.loss = loss
        return changed
    }

    public var alternatives: [Self] { [0.1, 0.2, 0.3].filter { $0 != amount }.map(Self.init) }
}
