import EspalierTraining

// Whether the model can learn at all: what turns a fear into a warning.
extension Preflight {
    /// So many times what a few samples need may all planned steps together be, and still be few for all samples.
    static let reach = 5.0

    /// The trial in which a few samples were learned.
    var learned: Trial? { trials.first(where: \.learns) }

    /// Whether there were trials, and none learned anything.
    var cannotLearn: Bool { !trials.isEmpty && learned == nil }

    /// Whether the planned rates do not learn a few samples, and others do so only over a way as long as all that is
    /// planned, or never.
    var struggles: Bool {
        guard let planned = trials.first, !planned.learns else { return false }
        return learned.map { totalRate < Self.reach * $0.halfway } ?? true
    }

    /// Of what would explain that nothing is learned.
    var severity: Finding.Severity { struggles ? .warning : .info }

    /// In numbers: how near to nothing the best trial is.
    var learningEvidence: [Finding.Evidence] {
        let quotients = trials.filter { $0.loss.isFinite }.map { $0.loss / $0.shuffledLoss }
        guard let best = quotients.min() else { return [] }
        return [.init("rates", Double(trials.count)), .init("lossToShuffled", best)]
    }

    /// In words.
    var learningSentence: String {
        guard let planned = trials.first else { return "" }
        if planned.learns { return " \(planned.samples) samples were learned by heart all the same." }
        let attempt =
            " That it hurts was seen: not even \(planned.samples) samples could be learned by heart in "
            + "\(planned.losses.count) steps with the planned rates"
        guard let learned else { return attempt + (trials.count > 1 ? ", nor with \(trials.count - 1) others." : ".") }
        return attempt + "; with a rate of \(learned.rate.short) they could."
    }
}
