import EspalierTraining

/// The model knows in training what it does not in inference.
///
/// What differs between the two are dropout, which helps inference, and the statistics of normalisations, which are
/// measured on as many batches as the training has, up to 1,000, before they are used.
enum TrialModeMismatch: Check {
    static func findings(in preflight: Preflight) -> [Finding] {
        guard let trial = preflight.trials.first(where: \.outcome.isOfTrainingAlone) else { return [] }
        return [
            Finding(
                .trainEvalMismatch, step: 0, .warning,
                evidence: [
                    .init("trainingLoss", trial.trainingLoss), .init("inferenceLoss", trial.loss),
                    .init("shuffledLoss", trial.shuffledLoss),
                ],
                explanation:
                    "After \(trial.losses.count) steps on \(trial.samples) samples their loss is "
                    + "\(trial.trainingLoss.short) in training and \(trial.loss.short) in inference; it should be about "
                    + "the same. In training a normalisation uses the statistics of the batch, in inference those that it "
                    + "has followed so far, which are not yet those of these samples.")
        ]
    }
}
