import EspalierTraining

/// A feature that tells the target all but alone, as a copy of the answer would.
///
/// Each feature by itself predicts every row from the rows with the nearest values. Found is one that does so perfectly, whose
/// values hardly vary within a class, in a table whose other features are far behind, each by itself, and yet tell
/// something together. Where they do not, the target is simply a function of that feature, and where features are few, one
/// of them may well tell everything.
///
/// The thresholds are measured: the best single features of iris, wine, breast cancer and housing have skills of .94, .68,
/// .78 and .48, and copies of the target with a hundredth of noise 1. The target explains at most .94 of a feature of theirs, and
/// .98 of a copy whose noise is a fifteenth of the distance between two classes.
enum TellingFeature: Check {
    static let telling = 0.985
    /// Share of the feature's variance that the target explains.
    static let explained = 0.97
    /// The most that any other feature may have of the two.
    static let othersTelling = 0.9
    static let othersExplained = 0.95
    static let fewestFeatures = 4
    /// The skill that the other features must have together.
    static let together = 0.1

    static func findings(in picture: DataPicture) -> [Finding] {
        guard picture.isTable, let models = picture.models,
            models.sample.width == picture.prepared.data.train.sampleSize,
            models.sample.width >= fewestFeatures, let scoring = Scoring(models.sample.answers)
        else { return [] }
        let skills = models.sample.skillsOfColumns(scoring)
        let telling = skills.indices.filter {
            skills[$0] >= Self.telling && models.sample.explained($0, by: scoring) >= explained
        }
        let rest = skills.indices.filter { !telling.contains($0) }
        let next = rest.map { skills[$0] }.max() ?? 0
        guard !telling.isEmpty, telling.count * fewestFeatures <= skills.count, next <= othersTelling,
            rest.allSatisfy({ models.sample.explained($0, by: scoring) <= othersExplained }),
            let without = SimpleModels(models.sample.keeping(rest)),
            max(without.nearestSkill, without.linear?.skill ?? 0) >= together
        else { return [] }
        return telling.map { column in
            let name = picture.name(of: column)
            return Finding(
                .leakage, at: name, .warning,
                evidence: [
                    .init("skill", skills[column]), .init("nextFeature", next),
                    .init("otherFeatures", max(without.nearestSkill, without.linear?.skill ?? 0)),
                ],
                explanation:
                    "Feature \(name) alone tells the target: its skill is \(skills[column].short), where 1 is perfect, and the "
                    + "next best feature has \(next.short). That is what a copy of the answer looks like, or a value that "
                    + "is known only once the answer is. A model with it learns nothing else, and fails where it is "
                    + "not there.",
                remedies: [.init(DropFeature(columns: [name]))])
        }
    }
}
