import EspalierTraining

/// The training went on after the best epoch, and was getting worse.
///
/// It counts where more than `share` of the epochs came after the one of the lowest validation loss, and the loss has risen
/// by more than `Overfitting.rise` of itself and `Overfitting.deviations` times its jitter. As the weights of the best epoch
/// are kept it costs time alone.
///
/// Source: Prechelt 1998, "Early stopping, but when?"; the share is this project's.
enum Overtraining: Check {
    static let share = 0.5

    static func findings(in history: History) -> [Finding] {
        guard history.end != nil, let course = ValidationCourse(history), let last = history.epochs.last,
            Double(last.epoch - course.epoch) > share * Double(last.epoch),
            course.rise > max(Overfitting.rise * course.lowest, Overfitting.deviations * course.jitter)
        else { return [] }
        return [
            Finding(
                .overtraining, step: last.step, .info,
                evidence: [
                    .init("bestEpoch", Double(course.epoch)), .init("epochs", Double(last.epoch)),
                    .init("lowestValidationLoss", course.lowest), .init("lastValidationLoss", course.last),
                ],
                explanation:
                    "The validation loss was lowest in epoch \(course.epoch), \(course.lowest.short), and is "
                    + "\(course.last.short) after \(last.epoch). The weights of the best epoch are kept, so that the epochs "
                    + "after it cost nothing but time.",
                remedies: [.init(EarlyStop())])
        ]
    }
}
