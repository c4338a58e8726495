import EspalierTraining
import Foundation

/// What is learned of the training samples does not hold for others.
///
/// It counts where, since its lowest, the validation loss has risen by more than `rise` of itself and by more than
/// `deviations` times its own jitter, while the training loss went on falling by as much; and where the skill on training
/// samples is above that on held-out ones by more than `gap`, and by more than `deviations` standard deviations of what so
/// many held-out samples say.
///
/// Source: Prechelt 1998, "Early stopping, but when?" (generalisation loss, against the progress of the training loss); the
/// numbers are this project's, chosen so that trainings which merely go on for long are none.
enum Overfitting: Check {
    static let rise = 0.2
    static let gap = 0.1
    static let deviations = 3.0

    static func findings(in history: History) -> [Finding] {
        guard let start = history.start, start.validationSamples > 0, let course = ValidationCourse(history),
            course.rise > max(rise * course.lowest, deviations * course.jitter),
            course.trainLast < course.trainAtLowest * (1 - rise),
            let train = history.trainSkill, let held = history.validationSkill
        else { return [] }
        let spread = (max(0.01, held * (1 - held)) / Double(start.validationSamples)).squareRoot()
        guard train - held > max(gap, deviations * spread) else { return [] }
        return [
            Finding(
                .overfitting, step: history.epochs.last?.step, .warning,
                evidence: [
                    .init("trainSkill", train), .init("validationSkill", held), .init("gap", train - held),
                    .init("noise", deviations * spread), .init("lowestValidationLoss", course.lowest),
                    .init("lastValidationLoss", course.last), .init("bestEpoch", Double(course.epoch)),
                    .init("lastTrainLoss", course.trainLast),
                ],
                explanation:
                    "Training samples are known \(train.percent) of the way from a constant answer to perfection, held-out "
                    + "ones \(held.percent); chance explains a gap of \((deviations * spread).percent). Since epoch "
                    + "\(course.epoch) the validation loss has risen from \(course.lowest.short) to \(course.last.short), while "
                    + "the training loss fell to \(course.trainLast.short): what is learned since then is the samples "
                    + "themselves, and not what they have in common.",
                remedies: [
                    .init(EarlyStop()), .init(AddWeightDecay()), .init(Augment()),
                ])
        ]
    }
}

/// The validation loss over the epochs: where it was lowest, and what came after.
struct ValidationCourse {
    /// The epoch of the lowest loss, and that loss, smoothed over three epochs.
    let epoch: Int
    let lowest: Double
    /// The last loss: the median of the last twentieth of the epochs, three at least.
    let last: Double
    /// What a loss typically differs by from the one before.
    let jitter: Double
    let trainAtLowest: Double
    let trainLast: Double

    var rise: Double { last - lowest }

    /// Nothing where there is no course to speak of.
    init?(_ history: History) {
        let epochs = history.epochs.filter { $0.validation?.loss.isFinite ?? false }
        guard epochs.count >= 6 else { return nil }
        let losses = epochs.map { $0.validation?.loss ?? .nan }
        let smooth = losses.indices.map { losses[max(0, $0 - 1)...min(losses.count - 1, $0 + 1)].median ?? .nan }
        guard let best = smooth.indices.min(by: { smooth[$0] < smooth[$1] }) else { return nil }
        let count = max(3, epochs.count / 20)
        epoch = epochs[best].epoch
        lowest = smooth[best]
        last = losses.suffix(count).median ?? .nan
        jitter = zip(losses, losses.dropFirst()).map { abs($1 - $0) }.median ?? 0
        trainAtLowest = epochs[best].train.loss
        trainLast = epochs.suffix(count).map(\.train.loss).median ?? .nan
    }
}
