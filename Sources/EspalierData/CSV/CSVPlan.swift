/// Which fields of a row are looked at as numbers, by the quick way, and which as texts.
struct CSVPlan {
    /// Of each of the file's columns.
    private(set) var roles: [CSVReader.Role] = []
    /// Positions of features, and of targets, that are texts.
    private(set) var textFeatures: [Int] = []
    private(set) var textTargets: [Int] = []
    /// Positions of targets whose numbers are in the row already.
    private(set) var numericTargets: [Int] = []
    /// Positions of features that may be missing, and are in the row already.
    private(set) var gaps: [Int] = []

    /// Every field as a text.
    init(_ features: [CSVFeature], _ targets: [CSVTarget]) {
        textFeatures = Array(features.indices)
        textTargets = Array(targets.indices)
    }

    /// What is known to be numbers as numbers, where no number stands for what is missing.
    init(
        _ features: [CSVFeature], _ targets: [CSVTarget], at targetColumns: [Int], columns: Int,
        _ markers: MissingMarkers
    ) {
        roles = [CSVReader.Role](repeating: .skipped, count: columns)
        for (index, feature) in features.enumerated() {
            if case .numbers = feature.content, !markers.haveNumbers {
                roles[feature.column] = .number(index, mayBeEmpty: feature.leavesGaps)
                if feature.leavesGaps { gaps.append(index) }
            } else {
                roles[feature.column] = .text
                textFeatures.append(index)
            }
        }
        for (index, target) in targets.enumerated() {
            if target.takesNumbers, !markers.haveNumbers {
                roles[targetColumns[index]] = .number(features.count + index, mayBeEmpty: false)
                numericTargets.append(index)
            } else {
                roles[targetColumns[index]] = .text
                textTargets.append(index)
            }
        }
    }
}
