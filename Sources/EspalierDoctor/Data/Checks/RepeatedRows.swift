import EspalierTraining

/// Held-out rows that are training rows too, so that they measure what was learned by heart.
///
/// Rows may be equal by honest chance, where columns have few values. Then training rows are equal to each other just as
/// often, and many more rows are equal in part. Found are more equal rows than the first explains, by `deviations` of its
/// standard deviation, or than the second.
enum RepeatedRows: Check {
    static let fewest = 5
    static let smallestShare = 0.01
    static let deviations = 4.0
    /// How many times as many rows must be equal as are only similar.
    static let timesSimilar = 3

    static func findings(in picture: DataPicture) -> [Finding] {
        picture.shared.compactMap { part in
            let rows = Double(part.rows), share = Double(part.shared) / rows
            guard part.shared >= fewest, share >= smallestShare else { return nil }
            let noise = (part.twins * (1 - part.twins) / rows).squareRoot()
            let isMoreThanTwins = share > part.twins + deviations * noise + smallestShare
            guard isMoreThanTwins || part.shared >= timesSimilar * part.similar else { return nil }
            return Finding(
                .leakage, at: part.part, share > 0.1 ? .error : .warning,
                evidence: [
                    .init("shared", Double(part.shared)), .init("rows", rows), .init("share", share),
                    .init("shareWithinTraining", part.twins), .init("similar", Double(part.similar)),
                ],
                explanation:
                    "\(part.shared) of \(part.rows) rows of the \(part.part) part are also in the training part, number for "
                    + "number. \(part.part == "test" ? "The test" : "Validation") then measures what was learned by heart, "
                    + "and looks better than new data will: rows that are equal belong into the same part.")
        }
    }
}
