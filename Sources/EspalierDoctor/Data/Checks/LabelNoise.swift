import EspalierTraining

/// Many labels are not what all samples around say.
///
/// Of samples whose neighbours all agree, hardly any should have another label, even where classes overlap: there,
/// neighbours do not agree. Where a share of labels is wrong everywhere, they disagree with that share of even the most
/// certain samples (Wilson 1972; Northcutt, Jiang and Chuang 2021, "Confident learning"). Found is a share whose lower
/// confidence bound is above `share`. Measured: of clouds that overlap almost wholly the bound is up to .1, with a fifth of the
/// labels redrawn .12 to .17.
enum LabelNoise: Check {
    static let share = 0.1
    static let fewest = 30
    /// How many neighbours have to agree.
    static let asked = 8

    static func findings(in picture: DataPicture) -> [Finding] {
        guard let models = picture.models, case .classes(let labels, _) = models.sample.answers else { return [] }
        let (certain, wrong) = disagreement(models.nearest, labels)
        guard certain >= fewest else { return [] }
        let found = Double(wrong) / Double(certain)
        let bound = found - 2 * (found * (1 - found) / Double(certain)).squareRoot()
        guard bound > share else { return [] }
        return [
            Finding(
                .labelNoise, .warning,
                evidence: [
                    .init("certain", Double(certain)), .init("disagreeing", Double(wrong)), .init("share", found),
                    .init("threshold", share),
                ],
                explanation:
                    "All neighbours of \(certain) training samples have one label, and \(wrong) of these samples have "
                    + "another. So about \((100 * found).brief)% of the labels are wrong, or as good as drawn by lot. A "
                    + "network that goes on until it has them all right has learned the errors.",
                remedies: [.init(LabelSmoothing())])
        ]
    }

    /// How many samples have neighbours of one class alone, and how many of these are of another.
    static func disagreement(_ neighbours: Neighbours, _ labels: [Int]) -> (certain: Int, wrong: Int) {
        var certain = 0, wrong = 0
        for (sample, label) in labels.enumerated() {
            let around = neighbours[sample].prefix(asked).map { labels[$0] }
            guard let first = around.first, around.allSatisfy({ $0 == first }) else { continue }
            certain += 1
            if first != label { wrong += 1 }
        }
        return (certain, wrong)
    }
}
