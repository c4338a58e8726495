import EspalierGraph
import EspalierTraining

/// The targets have nothing to do with the inputs, as far as simple models see.
///
/// Each question is asked with what chance would answer: do neighbours have more similar targets than they have after shuffling
/// (a permutation test); do predictions of a linear model for samples that it does not know correlate with what is right, and
/// those of a quadratic one; does any single feature, or product of two. Where all say no, nothing general can be learned;
/// that a large network gets every training sample right means nothing then (Zhang et al. 2017, "Understanding deep
/// learning requires rethinking generalization").
///
/// Measured: with these thresholds at most one in fifty shuffled tables is missed (wine, breast cancer, iris, diabetes,
/// digits, housing, circles; 40 orders each), and none that makes sense is taken for shuffled, from 105 rows of circles,
/// moons, spirals, blobs, exclusive or and the generated classification on.
enum ShuffledLabels: Check {
    /// Fewer rows, all in all or for each feature, may hide what there is; as many as `enoughRows` do not.
    static let fewestRows = 100
    static let rowsPerFeature = 8
    static let enoughRows = 1000
    /// Of neighbours.
    static let deviations = 3.0
    /// Of models, of which the best of several penalties and targets counts.
    static let modelDeviations = 4.5
    /// Of all three together: three that are just below their thresholds agree on something.
    static let together = 9.0
    static let permutations = 200
    /// Products of more features are too many.
    static let mostFeatures = 20

    static func findings(in picture: DataPicture) -> [Finding] {
        guard let models = picture.models, models.sample.count >= fewestRows,
            models.sample.count >= min(enoughRows, rowsPerFeature * models.sample.width),
            let scoring = Scoring(models.sample.answers)
        else { return [] }
        let line = models.linear.map { scoring.correlation(with: $0.predictions) } ?? 0
        guard line < modelDeviations, !scoring.dependsOnAColumn(of: models.sample) else { return [] }
        let neighbours = scoring.agreement(
            of: models.nearest, counts: [1, 3, SimpleModels.neighbours], permutations: permutations,
            seed: UInt64(picture.prepared.experiment.training.seed))
        guard neighbours < deviations else { return [] }
        var curve = 0.0
        if models.sample.width <= mostFeatures {
            let products = models.sample.withProducts
            guard !scoring.dependsOnAColumn(of: products) else { return [] }
            curve =
                LinearFit.best(on: products.standardized, width: products.width, scoring).map {
                    scoring.correlation(with: $0.predictions)
                } ?? 0
            guard curve < modelDeviations else { return [] }
        }
        guard [neighbours, line, curve].reduce(0.0, { $0 + max(0, $1) }) < together else { return [] }
        return [
            Finding(
                .shuffledLabels, .error,
                evidence: [
                    .init("neighbours", neighbours), .init("linear", line), .init("quadratic", curve),
                    .init("threshold", deviations), .init("modelThreshold", modelDeviations),
                    .init("rows", Double(models.sample.count)),
                ],
                explanation:
                    "Over \(models.sample.count) training samples, targets have nothing to do with inputs: those of neighbours "
                    + "agree as much as if they were shuffled (\(neighbours.short) standard deviations more), and a linear "
                    + "model foretells none of them. Whatever is learned of such data is learned by heart. Have rows of "
                    + "inputs and targets come out of step?")
        ]
    }
}
