import EspalierTraining

/// How far a model is from the best constant answer, 0, to perfection, 1.
///
/// Of classes: (accuracy - share of the most frequent class) / (1 - that share). Of values: R^2. Where the metric was not
/// measured: 1 - loss / loss of the best constant answer.
extension History {
    /// The skill that scores show; nothing where neither metric nor loss can be told from a constant answer's.
    func skill(_ scores: Scores) -> Double? {
        if let accuracy = scores["accuracy"], let majority = baselines?.majority, majority < 1 {
            return (accuracy - majority) / (1 - majority)
        }
        if let share = scores["r2"] { return share }
        guard let constant = baselines?.constantLoss, constant > 0, scores.loss.isFinite else { return nil }
        return 1 - scores.loss / constant
    }

    /// Of the training samples, as the last epochs saw them: the median of up to three.
    var trainSkill: Double? {
        let last = epochs.suffix(3).compactMap { skill($0.train) }.sorted()
        return last.isEmpty ? nil : last[last.count / 2]
    }

    /// Of the held-out samples, at the end: the median of up to three last epochs.
    var validationSkill: Double? {
        let last = epochs.suffix(3).compactMap { $0.validation.flatMap(skill) }.sorted()
        return last.isEmpty ? nil : last[last.count / 2]
    }

    /// Whether the training samples are known worse at the end than what a simple model says of held-out ones.
    ///
    /// Worse means by a tenth of the way from constant to perfect, or more; where nothing is known of simple models, less
    /// than a fifth of that way is poor. A training that has not half of its epochs behind it is not judged.
    var isPoor: Bool {
        if end == .diverged { return true }
        guard let start, epochs.count * 2 >= start.epochs || end != nil, let skill = trainSkill else { return false }
        guard let reference = baselines?.skill else { return skill < 0.2 }
        return skill < reference - 0.1
    }
}
