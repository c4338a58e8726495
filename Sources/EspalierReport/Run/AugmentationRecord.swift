/// `augmentations.json`: training images, and what augmentations make of them in the first epochs.
struct AugmentationRecord: Decodable, Sendable {
    /// What each row of the sheet shows.
    var rows: [String]
    /// One a sample.
    var columns: [Column]

    struct Column: Decodable, Sendable {
        var label: String
        var cells: [Cell]
    }

    struct Cell: Decodable, Sendable {
        /// A PNG file in base 64.
        var image: String?
        /// What its target is a mixture of.
        var note: String?
    }
}
