import EspalierTraining

/// A feature that counts the rows of a table whose order tells the target.
///
/// A file is often sorted by class, or by time. The number of a row, kept as an identifier, then tells what its neighbours in
/// the file are, some of which are training rows: validation looks good, and new rows have numbers that nobody has seen. Where
/// the order tells nothing the number does no harm, and nothing is said.
enum RowNumber: Check {
    /// How much the count must tell, by itself, from the nearest rows.
    static let telling = 0.3
    static let fewestFeatures = 3

    static func findings(in picture: DataPicture) -> [Finding] {
        guard let models = picture.models, models.sample.width == picture.prepared.data.train.sampleSize,
            models.sample.width >= fewestFeatures, !picture.rowNumbers.isEmpty,
            let scoring = Scoring(models.sample.answers)
        else { return [] }
        let skills = models.sample.skillsOfColumns(scoring)
        return picture.rowNumbers.filter { skills[$0] >= telling }.map { column in
            let name = picture.name(of: column)
            return Finding(
                .leakage, at: name, .warning,
                evidence: [.init("skill", skills[column]), .init("threshold", telling)],
                explanation:
                    "Feature \(name) counts the rows, and the rows next to one another have like targets: by the nearest "
                    + "numbers alone a target is known with a skill of \(skills[column].short), where 1 is perfect. That "
                    + "is the order of the file, which a network will learn, and which says nothing of rows that come "
                    + "later.",
                remedies: [.init(DropFeature(columns: [name]))])
        }
    }
}
