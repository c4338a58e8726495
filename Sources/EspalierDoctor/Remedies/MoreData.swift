import EspalierSpec
import EspalierTraining

/// `moreData`: all rows that the source has, where a limit leaves some out.
public struct MoreData: Remedy {
    public static let name = "moreData"
    public static let summary = "All rows of the source instead of the first ones"
    public static let fields: [Field<Self>] = []

    public init() {}

    public var why: String { "more samples leave less room to learn single ones by heart" }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        guard experiment.data.limit != nil else { return nil }
        var changed = experiment
        changed.data.limit = nil
        return changed
    }
}
