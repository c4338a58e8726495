import EspalierData
import EspalierSpec
import EspalierTraining

/// `shuffleSplit`: rows are drawn at random for train, validation and test, with classes in the same proportion in each.
public struct ShuffleSplit: Remedy {
    public static let name = "shuffleSplit"
    public static let summary = "Rows are drawn at random for each part, classes in proportion"
    public static let fields: [Field<Self>] = []

    public init() {}

    public var why: String { "rows that lie in some order otherwise leave parts that are not alike" }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        var changed = experiment
        changed.data.split.shuffle = true
        changed.data.split.stratify = true
        return changed == experiment ? nil : changed
    }
}
