import EspalierTraining

/// Some classes have so few training samples that leaving them out costs next to nothing.
///
/// From a ratio of about 1 to 20 between the smallest and the largest class on, a network tends to never name the smallest (He
/// and Garcia 2009, "Learning from imbalanced data", and Krawczyk 2016 call 1 to 4 mild, and 1 to 100 severe).
enum RareClasses: Check {
    static let ratio = 20.0
    /// By how many standard deviations the smallest class must be below an equal share, which small data is by chance.
    static let deviations = 3.0

    static func findings(in picture: DataPicture) -> [Finding] {
        let train = picture.prepared.data.train
        guard train.labelsPerSample == 1, !picture.prepared.experiment.data.source.holdsSymbols,
            let counts = train.classCounts, let names = picture.prepared.classNames,
            let smallest = counts.indices.min(by: { counts[$0] < counts[$1] }), let largest = counts.max()
        else { return [] }
        let equal = Double(train.count) / Double(counts.count)
        guard Double(counts[smallest]) < equal - deviations * equal.squareRoot(),
            Double(largest) >= ratio * Double(counts[smallest])
        else { return [] }
        let rare = counts.indices.filter { Double(largest) >= ratio * Double(counts[$0]) }
        return [
            Finding(
                .labelImbalance, at: names[smallest], .warning,
                evidence: [
                    .init("smallest", Double(counts[smallest])), .init("largest", Double(largest)),
                    .init("rareClasses", Double(rare.count)), .init("threshold", ratio),
                ],
                explanation:
                    "Class \(names[smallest]) has \(counts[smallest]) of \(train.count) training samples, the largest class "
                    + "\(largest)\(rare.count > 1 ? "; \(rare.count) classes are as rare" : ""). Leaving it out costs a "
                    + "model so little that it hardly learns it, and accuracy hardly shows that. Weights by class make "
                    + "each count the same.",
                // What has no sample at all cannot be given a weight.
                remedies: counts[smallest] > 0 ? [.init(BalanceClasses())] : [])
        ]
    }
}
