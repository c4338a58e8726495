import EspalierTraining
import Foundation

/// How far a model is from the best constant answer, 0, to perfection, 1.
///
/// Of classes: (accuracy - share of the most frequent class) / (1 - that share). Of values: R^2. Where the metric was not
/// measured: 1 - loss / loss of the best constant answer, of a loss that is no square (as R^2 is) with the quotient squared.
extension History {
    /// By how much of the way from constant to perfect a training may stay behind a simple model.
    ///
    /// Skills of one model on
    /// two draws of a few hundred samples differ by half as much.
    static let tolerance = 0.1
    /// What is poor where nothing is known of simple models.
    static let poorSkill = 0.2

    /// The skill that scores show; nothing where neither metric nor loss can be told from a constant answer's.
    func skill(_ scores: Scores) -> Double? {
        if let accuracy = scores["accuracy"], let majority = baselines?.majority, majority < 1 {
            return (accuracy - majority) / (1 - majority)
        }
        if let share = scores["r2"] { return share }
        guard let constant = baselines?.constantLoss, constant > 0, scores.loss.isFinite else { return nil }
        let quotient = scores.loss / constant
        return start?.loss == "mse" || quotient > 1 ? 1 - quotient : 1 - quotient * quotient
    }

    /// The skill that the last epochs show on a part of the data: the median of the last twentieth of them, three at least.
    private func lastSkill(_ part: (EpochRecord) -> Scores?) -> Double? {
        epochs.suffix(max(3, epochs.count / 20)).compactMap { part($0).flatMap(skill) }.median
    }

    /// Of the training samples, as the last epochs saw them.
    var trainSkill: Double? { lastSkill(\.train) }

    /// Of the held-out samples, in the last epochs.
    var validationSkill: Double? { lastSkill(\.validation) }

    /// The better of what the last epochs show of training and of held-out samples.
    ///
    /// Dropout and augmentation make training look worse than it is. Without held-out samples, also of what the last weights make of the training samples.
    var lastSkill: Double? {
        let final = validationSkill == nil ? self.final?.train.flatMap(skill) : nil
        return [trainSkill, validationSkill, final].compactMap(\.self).max()
    }

    /// Below what skill a training is poor.
    var poorBelow: Double { baselines?.skill.map { $0 - Self.tolerance } ?? Self.poorSkill }

    /// Whether samples are known worse at the end than what a simple model says of held-out ones.
    ///
    /// A training that has not half of its epochs behind it is not judged, nor one that still gets better fast enough for
    /// the epochs that are left.
    var isPoor: Bool {
        if end == .diverged { return true }
        guard let start, let skill = lastSkill, skill < poorBelow else { return false }
        if end == .completed || end == .stoppedEarly { return true }
        guard epochs.count * 2 >= start.epochs else { return false }
        var earlier = self
        earlier.epochs.removeLast(max(1, epochs.count / 4))
        guard let before = earlier.lastSkill else { return true }
        let perEpoch = max(0, skill - before) / Double(epochs.count - earlier.epochs.count)
        return skill + perEpoch * Double(start.epochs - epochs.count) < poorBelow
    }

    /// In words: how good the training is, and how good it should be.
    var failing: String {
        guard let skill = lastSkill else { return "The training ended by numbers that are not finite." }
        let reference =
            baselines?.skill.map { "a simple model comes \($0.percent) of that way on samples that it has not seen" }
            ?? "less than \(Self.poorSkill.percent) is poor"
        return
            "The last epochs come \(skill.percent) of the way from the best constant answer to perfection; \(reference)."
    }

    /// How good the training is, and what it is measured by.
    var skillEvidence: [Finding.Evidence] {
        [("skill", lastSkill), ("simpleModelSkill", baselines?.skill)].compactMap { name, value in
            value.map { .init(name, $0) }
        }
    }
}

extension Double {
    /// As a share in percent, to the whole.
    var percent: String { isFinite ? "\(Int((Swift.min(Swift.max(self, -100), 100) * 100).rounded()))%" : short }
}
