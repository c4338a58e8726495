import EspalierTraining

// Whether the model can learn at all: what turns a fear into a warning.
extension Preflight {
    /// The trial in which a few samples were learned.
    var learned: Trial? { trials.first(where: \.learns) }

    /// Whether there were trials, and none learned anything.
    var cannotLearn: Bool { !trials.isEmpty && learned == nil }

    /// Of what would explain that nothing is learned.
    var severity: Finding.Severity { cannotLearn ? .warning : .info }

    /// In numbers: how near to nothing the best trial is.
    var learningEvidence: [Finding.Evidence] {
        let quotients = trials.filter { $0.loss.isFinite }.map { $0.loss / $0.shuffledLoss }
        guard let best = quotients.min() else { return [] }
        return [.init("rates", Double(trials.count)), .init("lossToShuffled", best)]
    }

    /// In words.
    var learningSentence: String {
        if cannotLearn {
            return
                " That it hurts was seen: not even \(Trial.samples) samples could be learned in \(Trial.steps) steps, "
                + "with none of \(trials.count) learning rates."
        }
        return learned == nil ? "" : " A few samples were learned all the same."
    }
}
