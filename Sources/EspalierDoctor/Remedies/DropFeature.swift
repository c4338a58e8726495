import EspalierData
import EspalierSpec
import EspalierTraining

/// `dropFeature`: columns of a table in a CSV file that are left out.
public struct DropFeature: Remedy {
    /// By the names of their features; `color=red` stands for the column `color`.
    public var columns: [String] = []

    public static let name = "dropFeature"
    public static let summary = "Columns of a table are left out"
    public static let fields = [
        Field("columns", \Self.columns, "which, by the names of their features", required: true)
    ]

    public init() {}

    public init(columns: [String]) { self.columns = columns }

    public var why: String { "what tells nothing, or the answer itself, is nothing to learn from" }

    /// - Returns: Nothing for other sources, whose columns have no settings, and where no feature would be left.
    public func applied(to experiment: Experiment) throws -> Experiment? {
        guard var source = experiment.data.source as? CSVSource else { return nil }
        let dropped = Set(columns.map { column(of: $0, in: source) })
        let kinds = source.columns.named.filter { !dropped.contains($0.column) }
        if let features = source.features {
            let rest = features.filter { !dropped.contains($0) }
            guard !rest.isEmpty, rest != features else { return nil }
            source.features = rest
            source.columns.named = kinds
        } else {
            source.columns.named =
                kinds + dropped.sorted().flatMap { PerColumn<CSVColumnKind>([$0: .ignored]).named }
        }
        // What is said of a column that is no feature would be an error.
        source.missing.named.removeAll { dropped.contains($0.column) }
        source.missingIndicator.named.removeAll { dropped.contains($0.column) }
        var changed = experiment
        changed.data.source = source
        return changed == experiment ? nil : changed
    }

    private func column(of feature: String, in source: CSVSource) -> String {
        source.columns.named.first { entry in
            if case .oneHot = entry.value { feature.hasPrefix(entry.column + "=") } else { false }
        }?.column ?? (feature.hasSuffix(Self.indicator) ? String(feature.dropLast(Self.indicator.count)) : feature)
    }

    private static let indicator = " is missing"
}
