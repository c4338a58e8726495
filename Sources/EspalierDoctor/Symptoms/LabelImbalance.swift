import EspalierTraining

/// Some classes are so rare that they are not learned: seen in what held-out samples were taken for.
///
/// A class is rare with less than `rare` of an equal share of the held-out samples. It counts where the rare ones together
/// are recognised with less than `recall` of the others' recall, there are at least `samples` of them, and the others are
/// learned.
///
/// Source: He and Garcia 2009, "Learning from imbalanced data"; the numbers are this project's.
enum LabelImbalance: Check {
    static let rare = 0.3
    static let recall = 0.5
    static let samples = 5

    /// Which classes are rare, of those that occur.
    static func rareClasses(_ counts: [Int]) -> [Int] {
        let total = counts.reduce(0, +)
        return counts.indices.filter { Double(counts[$0] * counts.count) < rare * Double(total) && counts[$0] > 0 }
    }

    static func findings(in history: History) -> [Finding] {
        guard let matrix = history.final?.confusion, matrix.count > 1, matrix.allSatisfy({ $0.count == matrix.count })
        else { return [] }
        let counts = matrix.map { $0.reduce(0, +) }, total = counts.reduce(0, +)
        let few = rareClasses(counts)
        func recognised(_ classes: some Sequence<Int>) -> (right: Int, of: Int) {
            classes.reduce(into: (0, 0)) { $0 = ($0.0 + matrix[$1][$1], $0.1 + counts[$1]) }
        }
        let rareOnes = recognised(few), others = recognised(matrix.indices.filter { !few.contains($0) })
        guard rareOnes.of >= samples, others.of > 0 else { return [] }
        let low = Double(rareOnes.right) / Double(rareOnes.of), high = Double(others.right) / Double(others.of)
        guard high > 0.5, low < recall * high else { return [] }
        return [
            Finding(
                .labelImbalance, step: history.epochs.last?.step, .warning,
                evidence: [
                    .init("rareClasses", Double(few.count)), .init("rareSamples", Double(rareOnes.of)),
                    .init("rareRecall", low), .init("otherRecall", high), .init("samples", Double(total)),
                ],
                explanation:
                    "Of \(rareOnes.of) held-out samples of the \(few.count) rarest class\(few.count == 1 ? "" : "es"), "
                    + "\(rareOnes.right) were recognised, \(low.percent); of the others \(high.percent). They make up "
                    + "\((Double(rareOnes.of) / Double(total)).percent) of the samples, and so hardly count in the loss.",
                remedies: [])
        ]
    }
}
