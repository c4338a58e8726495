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
/// `deviations` misses one in fifty shuffled tables, and no table that was measured, from 100 rows of two circles on.
enum ShuffledLabels: Check {
    /// Fewer rows may hide what there is.
    static let fewestRows = 100
    static let deviations = 2.5
    static let permutations = 200
    /// Products of more features are too many.
    static let mostFeatures = 20

    static func findings(in picture: DataPicture) -> [Finding] {
        guard let models = picture.models, models.sample.count >= fewestRows,
            let scoring = Scoring(models.sample.answers)
        else { return [] }
        let line = models.linear.map { scoring.correlation(with: $0.predictions) } ?? 0
        guard line < deviations, !scoring.dependsOnAColumn(of: models.sample) else { return [] }
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
            guard curve < deviations else { return [] }
        }
        return [
            Finding(
                .shuffledLabels, .error,
                evidence: [
                    .init("neighbours", neighbours), .init("linear", line), .init("quadratic", curve),
                    .init("threshold", deviations), .init("rows", Double(models.sample.count)),
                ],
                explanation:
                    "Over \(models.sample.count) training samples, targets have nothing to do with inputs: those of neighbours "
                    + "agree as much as if they were shuffled (\(neighbours.short) standard deviations more), and a linear "
                    + "model foretells none of them. Whatever is learned of such data is learned by heart. Have rows of "
                    + "inputs and targets come out of step?")
        ]
    }
}
