import EspalierTraining

/// A number of the data is not finite.
///
/// Sources that come with the library refuse such a row; one of a user's own may not.
enum NonFiniteData: Check {
    static func findings(in picture: DataPicture) -> [Finding] {
        guard let place = picture.columns?.notFinite else { return [] }
        let row = picture.prepared.data.train.place(of: place.row), name = picture.name(of: place.column)
        return [
            Finding(
                .nonFinite, at: "\(row), column \(name)", .error,
                evidence: [.init("row", Double(place.row + 1)), .init("column", Double(place.column + 1))],
                explanation:
                    "Column \(name) of \(row) is not a finite number. The first step that sees it turns every weight "
                    + "into no number at all: the row has to go, or the value has to be filled in.",
                remedies: [.init(DropFeature(columns: [name]))])
        ]
    }
}
